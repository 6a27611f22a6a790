#pragma once

#include <array>
#include <cstdint>

#include "mnist_train/shape.h"

namespace mnist {

/// counts[truth][prediction]: how many images of the digit `truth` were classified as `prediction`.
struct ConfusionMatrix {
  std::array<std::array<std::int64_t, kDigits>, kDigits> counts{};

  std::int64_t correct(std::int64_t digit) const;
  std::int64_t total(std::int64_t digit) const;  ///< images that show this digit
  std::int64_t correct() const;
  std::int64_t total() const;
};

/// The result of testing a network on images.
struct Evaluation {
  double loss;  ///< mean cross-entropy over the images, in nats
  ConfusionMatrix confusion;

  double accuracy() const;  ///< the share of correct predictions, in [0,1]
};

/// correct / total, in [0,1]. For 0 of 0 it is 0.
double accuracy(std::int64_t correct, std::int64_t total);

struct Interval {
  double low;
  double high;
};

/// The 95 % confidence interval of the accuracy correct / total, inside [0,1]. For 0 of 0 it is
/// [0,1]. Unlike the normal approximation it never leaves [0,1], and it has a width at 0 and at 1.
/// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
/// JASA 22 (1927).
Interval wilson_interval(std::int64_t correct, std::int64_t total);

}  // namespace mnist
