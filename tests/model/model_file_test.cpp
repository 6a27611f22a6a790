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

TEST(ModelFile, IsRefusedIfItIsOfNoSuchModel) {
  const TensorFile whole = written(*small_model());
  const std::vector<std::pair<std::string, std::function<void(TensorFile&)>>> cases{
      {"weight and a bias for each layer", [](TensorFile& file) { file.tensors.pop_back(); }},
      {"weight and a bias for each layer",
       [](TensorFile& file) {
         file.tensors.push_back({"velocity.fc1.bias", {1}, {0.0F}});
       }},
      {"up to 10 outputs", [](TensorFile& file) { file.tensors[0].name = "x"; }},
      {"up to 10 outputs", [](TensorFile& file) { file.tensors[4].name = "x"; }},
      {"fc1.weight to be [N,784]",
       [](TensorFile& file) {
         file.tensors[0].shape = {784, 3};
       }},
      {"fc2.weight to be [N,3]", [](TensorFile& file) { file.tensors[2].shape = {6}; }},
      {"another shape", [](TensorFile& file) {
         file.tensors[5].shape = {2, 5};
       }}};
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
