#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <utility>

#include "mnist_train/model.h"
#include "model/safetensors.h"
#include "support.h"

namespace mnist {
namespace {

using testing::AllOf;
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
  // The last layer comes first in the file.
  for (const auto& [theirs, ours] :
       {std::pair("net.10.", "fc3."), std::pair("net.9.", "fc2."), std::pair("net.8.", "fc1.")}) {
    for (const std::string name : {"bias", "weight"}) {
      file.tensors.insert(theirs + name, model->named_parameters()[ours + name]);
    }
  }
  const torch::Tensor images = torch::rand({5, 784});
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(torch::equal(read_again(file)->forward(images), Mlp(model)->forward(images)));
}

std::string model_error(const std::filesystem::path& path) {
  return test::error_of(ErrorKind::kModel, [&] { read_model(path); });
}

TEST(ModelFile, IsRefusedIfItIsOfNoSuchModel) {
  const test::TempDir dir;
  EXPECT_EQ(model_error(dir.path()),
            (dir / "model.safetensors").string() + ": cannot be read: No such file or directory");
  TensorFile file = written(*small_model());
  file.tensors.insert("attention", torch::full({5, 5}, NAN));
  test::write_file(dir / "model", encode_safetensors(file));
  EXPECT_THAT(model_error(dir / "model"),
              AllOf(HasSubstr("/model: expected a weight [outputs,inputs]"),
                    HasSubstr("attention [5,5]")));  // its data, the NaN, are not read
}

}  // namespace
}  // namespace mnist
