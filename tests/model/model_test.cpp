#include "mnist_train/model.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

namespace mnist {
namespace {

TEST(Mlp, RegistersItsLayersUnderTheNamesOfPyTorch) {
  const Mlp model(std::vector<std::int64_t>{256, 256});
  std::vector<std::string> names;
  for (const auto& item : model->named_parameters()) names.push_back(item.key());
  EXPECT_EQ(names, (std::vector<std::string>{"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias",
                                             "fc3.weight", "fc3.bias"}));
  // 784*256 + 256 + 256*256 + 256 + 256*10 + 10
  EXPECT_EQ(describe(*model), "784-256-256-10 with ReLU, 269322 parameters");
}

TEST(Mlp, AppliesReluBetweenLayersAndNotAfterTheLast) {
  const torch::NoGradGuard no_grad;
  Mlp model(std::vector<std::int64_t>{2});
  for (torch::Tensor& parameter : model->parameters()) parameter.zero_();
  const auto& layers = model->layers();
  layers[0]->weight[0][0] = 1.0;   // unit 0 is the first pixel,
  layers[0]->weight[1][0] = -1.0;  // unit 1 its negative, which ReLU sets to 0
  layers[1]->weight[4][0] = -3.0;
  layers[1]->weight[5][1] = 7.0;
  layers[1]->bias[5] = 0.25;
  torch::Tensor image = torch::zeros({1, 784});
  image[0][0] = 0.5;
  const torch::Tensor logits = model->forward(image);
  torch::Tensor expected = torch::zeros({1, 10});
  expected[0][4] = -1.5;
  expected[0][5] = 0.25;
  EXPECT_TRUE(torch::equal(logits, expected)) << logits;
}

TEST(Mlp, IsTheSameForTheSameSeed) {
  torch::manual_seed(1);
  const Mlp first(std::vector<std::int64_t>{16});
  torch::manual_seed(1);
  const Mlp second(std::vector<std::int64_t>{16});
  torch::manual_seed(2);
  const Mlp other(std::vector<std::int64_t>{16});
  EXPECT_TRUE(torch::equal(first->layers()[0]->weight, second->layers()[0]->weight));
  EXPECT_FALSE(torch::equal(first->layers()[0]->weight, other->layers()[0]->weight));
}

TEST(Mlp, IsDescribedByTheSizesOfItsLayers) {
  Mlp linear(std::vector<std::int64_t>{});
  EXPECT_EQ(linear->forward(torch::zeros({3, 784})).sizes(), (torch::IntArrayRef{3, 10}));
  EXPECT_EQ(describe(*linear), "784-10 with ReLU, 7850 parameters");
  EXPECT_TRUE(hidden_sizes(*linear).empty());
  const Mlp model(std::vector<std::int64_t>{7, 5});
  EXPECT_EQ(hidden_sizes(*model), (std::vector<std::int64_t>{7, 5}));
}

}  // namespace
}  // namespace mnist
