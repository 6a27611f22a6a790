#include "train/prediction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <utility>
#include <vector>

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
  const Prediction prediction = predict(row({{3, 2.0}}));
  const double e2 = std::exp(2.0);
  EXPECT_EQ(prediction.digit(), 3);
  EXPECT_NEAR(prediction.probability(), e2 / (e2 + 9), 1e-6);
  EXPECT_NEAR(prediction.probabilities[0], 1 / (e2 + 9), 1e-6);
  EXPECT_THAT(prediction.ranking(), ElementsAre(3, 0, 1, 2, 4, 5, 6, 7, 8, 9));
}

TEST(Predict, KeepsLogitsApartThatDifferInTheLastBit) {
  const float high = 0.25F;
  const float low = std::nextafter(high, 0.0F);
  EXPECT_THAT(predict(row({{2, low}, {7, high}})).ranking(),
              ElementsAre(7, 2, 0, 1, 3, 4, 5, 6, 8, 9));
}

}  // namespace
}  // namespace mnist
