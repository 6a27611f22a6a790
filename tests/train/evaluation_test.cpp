#include <cmath>

#include "mnist_train/train.h"
#include "train/images.h"
#include "train/training.h"

namespace mnist {
namespace {

/// Predicts 3 for every image, with a logit of 1 against 0.
Mlp always_three() {
  Mlp model(std::vector<std::int64_t>{});
  test::fill(model, 0.0);
  const torch::NoGradGuard no_grad;
  model->layers()[0]->bias[3] = 1.0;
  return model;
}

TEST(Evaluate, CountsAndAveragesOverAllImages) {
  // More than one batch, and a last one that is shorter.
  const Evaluation result = evaluate(always_three(), test::noise(2350));
  EXPECT_EQ(result.confusion.total(), 2350);
  EXPECT_EQ(result.confusion.correct(), 235);
  EXPECT_EQ(result.confusion.counts[7][3], 235);
  EXPECT_EQ(result.confusion.counts[7][7], 0);
  // log(9 + e) for an incorrect prediction, and 1 less for a correct one.
  EXPECT_NEAR(result.loss, std::log(9 + std::exp(1.0)) - 0.1, 1e-6);
}

TEST(Evaluate, TakesLogitsInAnyOrderInMemory) {
  const torch::Tensor logits = torch::rand({10, 7}).t();
  const torch::Tensor labels = torch::arange(7);
  EXPECT_EQ(evaluate(logits, labels).loss, evaluate(logits.contiguous(), labels).loss);
}

TEST(ComputeLogits, GivesARowForEachImage) {
  const Dataset data = test::noise(2350);
  Mlp model(std::vector<std::int64_t>{5});
  const torch::Tensor logits = compute_logits(model, data.images);
  EXPECT_FALSE(logits.requires_grad());
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(torch::allclose(logits, model->forward(to_float(data.images)), 1e-5, 1e-6));
}

TEST(Evaluate, LeavesModeGradientsAndGeneratorAsTheyWere) {
  Mlp model = always_three();
  torch::manual_seed(3);
  const torch::Tensor expected = torch::rand({4});
  for (const bool is_training : {true, false}) {
    model->train(is_training);
    const Dataset data = test::noise(10);
    torch::manual_seed(3);
    evaluate(model, data);
    EXPECT_TRUE(torch::equal(torch::rand({4}), expected));
    EXPECT_EQ(model->is_training(), is_training);
    EXPECT_FALSE(model->layers()[0]->weight.grad().defined());
  }
}

}  // namespace
}  // namespace mnist
