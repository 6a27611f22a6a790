#include "run/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <functional>

#include "mnist_train/error.h"

namespace mnist {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Mlp small_model() {
  torch::manual_seed(1);
  return Mlp(std::vector<std::int64_t>{3, 2});
}

TEST(ModelFile, HasTheNamesAndShapesOfAStateDict) {
  const Mlp model = small_model();
  const TensorFile file = model_file(*model);
  EXPECT_EQ(file.metadata.at("hidden"), "3,2");
  ASSERT_EQ(file.tensors.size(), 6);
  EXPECT_THAT(file.find("fc1.weight")->shape, ElementsAre(3, 784));
  EXPECT_THAT(file.find("fc3.bias")->shape, ElementsAre(10));
  const auto weight = model->layers()[1]->weight.accessor<float, 2>();
  EXPECT_EQ(file.find("fc2.weight")->values[3 * 1 + 2], weight[1][2]);
}

TEST(ModelFile, MakesTheModelThatItIsOf) {
  const Mlp model = small_model();
  const Mlp again = model_from(model_file(*model), "file");
  const torch::Tensor images = torch::rand({5, 784});
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(torch::equal(Mlp(model)->forward(images), Mlp(again)->forward(images)));
  TensorFile bare = model_file(*model);
  bare.metadata.clear();  // as PyTorch saves it
  EXPECT_EQ(model_from(bare, "file")->layers().size(), 3);
  const Mlp linear(std::vector<std::int64_t>{});
  EXPECT_EQ(model_from(model_file(*linear), "file")->layers().size(), 1);
}

TEST(ModelFile, IsRefusedIfItIsOfNoSuchModel) {
  const Mlp model = small_model();
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
    TensorFile file = model_file(*model);
    change(file);
    try {
      model_from(file, "some/file");
      ADD_FAILURE() << message;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kModel);
      EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("some/file: "), HasSubstr(message)));
    }
  }
}

TEST(CheckpointFile, KeepsTheStateExactly) {
  const Mlp model = small_model();
  TrainingState state;
  state.epochs = 7;
  state.loss = 0.1;
  state.parameters = copy_parameters(*model);
  for (const torch::Tensor& parameter : state.parameters) {
    state.velocities.push_back(torch::rand_like(parameter));
  }
  state.best = BestEpoch{4, 1.0 / 3, state.velocities};
  const TensorFile file = decode_safetensors(
      encode_safetensors(checkpoint_file(*model, state, {{"--lr", "0.5"}})), "file");
  EXPECT_EQ(file.metadata.at("--lr"), "0.5");
  const TrainingState again = state_from(file, *model, "file");
  EXPECT_EQ(again.epochs, 7);
  EXPECT_EQ(again.loss, 0.1);
  EXPECT_EQ(again.best->epoch, 4);
  EXPECT_EQ(again.best->loss, 1.0 / 3);
  for (std::size_t i = 0; i < state.parameters.size(); ++i) {
    EXPECT_TRUE(torch::equal(again.parameters[i], state.parameters[i]));
    EXPECT_TRUE(torch::equal(again.velocities[i], state.velocities[i]));
    EXPECT_TRUE(torch::equal(again.best->parameters[i], state.velocities[i]));
  }
}

TEST(CheckpointFile, IsRefusedIfItHoldsNoState) {
  const Mlp model = small_model();
  TrainingState state;
  state.parameters = copy_parameters(*model);
  const TensorFile whole = checkpoint_file(*model, state, {});
  for (const char* epochs : {"-1", "x", "", "1x", "99999999999999999999"}) {
    TensorFile file = whole;
    file.metadata["epochs"] = epochs;
    EXPECT_THROW(state_from(file, *model, "file"), Error) << epochs;
  }
  EXPECT_THROW(state_from(model_file(*model), *model, "file"), Error);
  TensorFile more = whole;
  more.tensors.push_back({"surplus", {1}, {1.0F}});
  EXPECT_THROW(state_from(more, *model, "file"), Error);
}

}  // namespace
}  // namespace mnist
