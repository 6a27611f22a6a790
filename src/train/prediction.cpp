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

std::vector<Misclassification> find_misclassified(const torch::Tensor& logits,
                                                  const torch::Tensor& labels) {
  const torch::Tensor positions = logits.argmax(1).ne(labels).nonzero().view({-1});
  const std::vector<Prediction> predictions = predict(logits.index_select(0, positions));
  const auto position = positions.accessor<std::int64_t, 1>();
  const auto truth = labels.accessor<std::int64_t, 1>();
  std::vector<Misclassification> misclassified;
  for (std::int64_t i = 0; i < position.size(0); ++i) {
    misclassified.push_back({position[i], truth[position[i]], predictions.at(i)});
  }
  return misclassified;
}

std::vector<Misclassification> most_confident(std::vector<Misclassification> misclassified,
                                              std::size_t count) {
  std::stable_sort(misclassified.begin(), misclassified.end(),
                   [](const Misclassification& one, const Misclassification& other) {
                     return one.prediction.probability() > other.prediction.probability();
                   });
  if (misclassified.size() > count) misclassified.resize(count);
  return misclassified;
}

}  // namespace mnist
