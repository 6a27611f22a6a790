#include "mnist_train/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <functional>

#include "mnist_train/error.h"
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
  ASSERT_EQ(file.tensors.size(), 6);
  EXPECT_THAT(file.find("fc1.weight")->shape, ElementsAre(3, 784));
  EXPECT_THAT(file.find("fc3.bias")->shape, ElementsAre(10));
  const auto weight = model->layers()[1]->weight.accessor<float, 2>();
  EXPECT_EQ(file.find("fc2.weight")->values[3 * 1 + 2], weight[1][2]);
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
  TensorFile file = written(*model);
  for (FloatTensor& tensor : file.tensors) {  // fc1.weight -> net.1.weight, fc2.bias -> net.3.bias
    const char layer = static_cast<char>('0' + 2 * (tensor.name.at(2) - '0') - 1);
    tensor.name = std::string("net.") + layer + tensor.name.substr(3);
  }
  const torch::Tensor images = torch::rand({5, 784});
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(torch::equal(read_again(file)->forward(images), Mlp(model)->forward(images)));
}

TEST(ModelFile, IsNamedIfAFolderHasAnother) {
  const test::TempDir dir;
  const auto error = [&]() -> std::string {
    try {
      read_model(dir.path());
    } catch (const Error& problem) {
      return problem.what();
    }
    return "no error";
  };
  EXPECT_THAT(error(), HasSubstr("expected model.safetensors in this folder, found no weights"));
  test::write_file(dir / "pytorch_model.bin", "x");
  test::write_file(dir / "net.safetensors", "x");
  EXPECT_THAT(error(), HasSubstr("found net.safetensors, pytorch_model.bin; name a file"));
  std::filesystem::create_symlink("model.safetensors", dir / "model.safetensors");
  EXPECT_THAT(error(), HasSubstr("cannot be read: Too many levels of symbolic links; check"));
}

TEST(ModelFile, IsRefusedIfItIsOfNoSuchModel) {
  const TensorFile whole = written(*small_model());
  const std::vector<std::pair<std::string, std::function<void(TensorFile&)>>> cases{
      {"found fc3.weight [10,2] without a bias among",
       [](TensorFile& file) { file.tensors.pop_back(); }},
      {"found velocity.fc1.bias [1] without a weight among",
       [](TensorFile& file) {
         file.tensors.push_back({"velocity.fc1.bias", {1}, {0.0F}});
       }},
      {"expected a model, found a checkpoint; give the model.safetensors",
       [](TensorFile& file) {
         file.tensors.push_back({"velocity.fc1.weight", {1, 1}, {0.0F}});
       }},
      {"found x [3,784] among", [](TensorFile& file) { file.tensors[0].name = "x"; }},
      {"found fc1.weight [784,3] with fc1.bias [3] among",
       [](TensorFile& file) {
         file.tensors[0].shape = {784, 3};
       }},
      {"found fc2.weight [6]", [](TensorFile& file) { file.tensors[2].shape = {6}; }},
      {"found fc3.bias [2,5]",
       [](TensorFile& file) {
         file.tensors[5].shape = {2, 5};
       }},
      {"from 784 inputs to 10 outputs", [](TensorFile& file) { file.tensors.resize(4); }}};
  for (const auto& [message, change] : cases) {
    TensorFile file = whole;
    change(file);
    try {
      read_again(file);
      ADD_FAILURE() << message;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kModel);
      EXPECT_THAT(error.what(), AllOf(HasSubstr("/model: "), HasSubstr(message)));
    }
  }
}

}  // namespace
}  // namespace mnist
