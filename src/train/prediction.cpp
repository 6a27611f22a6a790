#include "train/prediction.h"

#include <torch/types.h>

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

std::vector<Prediction> predict(const torch::Tensor& logits) {
  // In float64 two logits that differ never get the same probability.
  const torch::Tensor rows = torch::softmax(logits.to(torch::kFloat64), 1).contiguous();
  std::vector<Prediction> predictions(static_cast<std::size_t>(rows.size(0)));
  const auto* probabilities = rows.data_ptr<double>();
  for (Prediction& prediction : predictions) {
    std::copy_n(probabilities, kDigits, prediction.probabilities.begin());
    probabilities += kDigits;
  }
  return predictions;
}

}  // namespace mnist
