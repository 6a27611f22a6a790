#include "train/prediction.h"

#include <algorithm>
#include <numeric>

namespace mnist {

std::array<std::int64_t, kDigits> Prediction::ranking() const {
  std::array<std::int64_t, kDigits> digits{};
  std::iota(digits.begin(), digits.end(), 0);
  std::stable_sort(digits.begin(), digits.end(), [this](std::int64_t one, std::int64_t other) {
    return probabilities.at(one) > probabilities.at(other);
  });
  return digits;
}

Prediction predict(const torch::Tensor& logits) {
  // In float64 two logits that differ never get the same probability.
  const torch::Tensor probabilities = torch::softmax(logits.to(torch::kFloat64), 1);
  Prediction prediction;
  std::copy_n(probabilities.data_ptr<double>(), kDigits, prediction.probabilities.begin());
  return prediction;
}

}  // namespace mnist
