#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "mnist_train/model.h"
#include "model/safetensors.h"
#include "support.h"

namespace mnist {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Mlp small_model() {
  torch::manual_seed(1);
  return Mlp(std::vector<std::int64_t>{3, 2});
}

TensorFile written(const MlpImpl& model) {
  const test::TempDir dir;
  write_model(model, dir / "model");
  return read_safetensors(dir / "model");
}

Mlp read_again(const TensorFile& file) {
  const test::TempDir dir;
  test::write_file(dir / "model", encode_safetensors(file));
  return read_model(dir / "model");
}

TEST(ModelFile, HasTheNamesAndShapesOfAStateDict) {
  const Mlp model = small_model();
  const TensorFile file = written(*model);
  EXPECT_EQ(file.metadata.at("hidden"), "3,2");
  EXPECT_EQ(file.metadata.at("format"), "pt");
  EXPECT_THAT(file.tensors.keys(), ElementsAre("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias",
                                               "fc3.weight", "fc3.bias"));
  EXPECT_TRUE(torch::equal(file.tensors["fc2.weight"], model->layers()[1]->weight));
  EXPECT_TRUE(torch::equal(file.tensors["fc3.bias"], model->layers()[2]->bias));
}

TEST(ModelFile, MakesTheModelThatItIsOf) {
  const Mlp model = small_model();
  const test::TempDir dir;
  write_model(*model, dir / "model.safetensors");
  const torch::Tensor images = torch::rand({5, 784});
  const torch::NoGradGuard no_grad;
  const torch::Tensor logits = Mlp(model)->forward(images);
  for (const auto& path : {dir / "model.safetensors", dir.path()}) {  // a file, a run's folder
    EXPECT_TRUE(torch::equal(read_model(path)->forward(images), logits)) << path;
  }
  TensorFile bare = written(*model);
  bare.metadata.clear();  // as PyTorch saves it
  EXPECT_EQ(read_again(bare)->layers().size(), 3);
  const Mlp linear(std::vector<std::int64_t>{});
  EXPECT_EQ(written(*linear).metadata.at("hidden"), "none");
  EXPECT_EQ(read_again(written(*linear))->layers().size(), 1);
}

TEST(ModelFile, MayHaveNamesOfOtherModules) {
  const Mlp model = small_model();
  TensorFile file;
  const auto parameters = model->named_parameters();
  for (const char* name : {"net.10", "net.9", "net.8"}) {  // the last layer comes first in the file
    const std::string layer =
        std::string("fc") + std::to_string(name[4] == '1' ? 3 : name[4] - '7');
    file.tensors.insert(name + std::string(".bias"), parameters[layer + ".bias"]);
    file.tensors.insert(name + std::string(".weight"), parameters[layer + ".weight"]);
  }
  const torch::Tensor images = torch::rand({5, 784});
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(torch::equal(read_again(file)->forward(images), Mlp(model)->forward(images)));
}

std::string model_error(const std::filesystem::path& path) {
  return test::error_of(ErrorKind::kModel, [&] { read_model(path); });
}

TEST(ModelFile, IsThatOfADirectory) {
  const test::TempDir dir;
  EXPECT_EQ(model_error(dir.path()),
            (dir / "model.safetensors").string() + ": cannot be read: No such file or directory");
}

TEST(ModelFile, IsRefusedIfItIsOfNoSuchModel) {
  const test::TempDir dir;
  TensorFile file = written(*small_model());
  file.tensors.insert("velocity.fc1.weight", torch::zeros({3, 784}));
  test::write_file(dir / "model", encode_safetensors(file));
  EXPECT_THAT(model_error(dir / "model"), HasSubstr("/model: expected a weight [outputs,inputs]"));
}

TEST(ModelFile, IsRefusedBeforeItsDataAreRead) {
  const test::TempDir dir;
  TensorFile file;
  file.tensors.insert("attention.weight", torch::full({5, 5}, NAN));
  test::write_file(dir / "model", encode_safetensors(file));
  EXPECT_THAT(model_error(dir / "model"),
              HasSubstr("found attention.weight [5,5]"));  // not the NaN
}

}  // namespace
}  // namespace mnist
