#include "train/prediction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "mnist_train/evaluation.h"

namespace mnist {
namespace {

using testing::ElementsAre;

/// A row of logits: these digits have these values, all others 0.
torch::Tensor row(const std::vector<std::pair<std::int64_t, double>>& values) {
  torch::Tensor logits = torch::zeros({1, kDigits});
  for (const auto& [digit, value] : values) logits[0][digit] = value;
  return logits;
}

TEST(Predict, GivesTheSoftmaxOfTheLogits) {
  const std::vector<Prediction> predictions = predict(torch::cat({row({{3, 2.0}}), row({})}));
  ASSERT_EQ(predictions.size(), 2);
  const double e2 = std::exp(2.0);
  EXPECT_EQ(predictions[0].digit(), 3);
  EXPECT_NEAR(predictions[0].probability(), e2 / (e2 + 9), 1e-6);
  EXPECT_NEAR(predictions[0].probabilities[0], 1 / (e2 + 9), 1e-6);
  EXPECT_NEAR(predictions[1].probabilities[9], 0.1, 1e-6);
  EXPECT_THAT(predictions[0].ranking(), ElementsAre(3, 0, 1, 2, 4, 5, 6, 7, 8, 9));
}

TEST(Predict, KeepsLogitsApartThatDifferInTheLastBit) {
  const float high = 0.25F;
  const float low = std::nextafter(high, 0.0F);
  EXPECT_THAT(predict(row({{2, low}, {7, high}})).front().ranking(),
              ElementsAre(7, 2, 0, 1, 3, 4, 5, 6, 8, 9));
}

TEST(FindMisclassified, HasTheImagesWhoseDigitIsNotTheLabel) {
  const torch::Tensor logits = torch::cat(
      {row({{4, 1.0}}), row({{5, 3.0}}), row({{6, 3.0}, {7, 1.5}}), row({{2, 3.0}, {7, 1.2}})});
  const torch::Tensor labels = torch::tensor({4, 0, 7, 1}, torch::kInt64);
  const std::vector<Misclassification> wrong = find_misclassified(logits, labels);
  ASSERT_EQ(wrong.size(), 3);
  EXPECT_EQ(wrong[0].position, 1);
  EXPECT_EQ(wrong[0].truth, 0);
  EXPECT_EQ(wrong[0].prediction.digit(), 5);
  EXPECT_EQ(wrong[1].prediction.digit(), 6);
  const Evaluation evaluation = evaluate(logits, labels);
  EXPECT_EQ(evaluation.confusion.total() - evaluation.confusion.correct(), 3);
  // The other two have a second logit, which takes from the probability of the first.
  const std::vector<Misclassification> surest = most_confident(wrong, 2);
  ASSERT_EQ(surest.size(), 2);
  EXPECT_EQ(surest[0].position, 1);
  EXPECT_EQ(surest[1].position, 3);
  EXPECT_EQ(most_confident(wrong, 9).size(), 3);
}

TEST(FindMisclassified, MayFindNone) {
  EXPECT_TRUE(find_misclassified(row({{4, 1.0}}), torch::tensor({4}, torch::kInt64)).empty());
}

}  // namespace
}  // namespace mnist
