#include "sparse/loss.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "mnist_train/shape.h"

namespace mnist {

double softmax_cross_entropy(float* logits, std::int64_t label, float scale,
                             float label_smoothing) {
  constexpr std::size_t kSize = kDigits;
  const double smoothing = static_cast<double>(label_smoothing) / kDigits;
  const double largest = *std::max_element(logits, logits + kSize);
  std::array<double, kSize> exponentials{};
  double sum = 0.0;
  for (std::size_t c = 0; c < kSize; ++c) {
    exponentials[c] = std::exp(logits[c] - largest);
    sum += exponentials[c];
  }
  double expected = logits[label] - largest;  // the mean logit, weighted by the targets
  if (label_smoothing > 0.0F) {
    double all = 0.0;
    for (std::size_t c = 0; c < kSize; ++c) all += logits[c] - largest;
    expected = (1.0 - label_smoothing) * expected + smoothing * all;
  }
  for (std::size_t c = 0; c < kSize; ++c) {
    const double target = static_cast<std::int64_t>(c) == label ? 1.0 - label_smoothing : 0.0;
    logits[c] = static_cast<float>((exponentials[c] / sum - smoothing - target) * scale);
  }
  return std::log(sum) - expected;
}

}  // namespace mnist
