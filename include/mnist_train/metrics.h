#pragma once

#include <array>
#include <cstdint>

#include "mnist_train/shape.h"

namespace mnist {

/// How often each digit was taken for each: counts[truth][guess].
struct ConfusionMatrix {
  std::array<std::array<std::int64_t, kDigits>, kDigits> counts{};

  std::int64_t correct(std::int64_t digit) const;
  std::int64_t total(std::int64_t digit) const;  ///< images that show this digit
  std::int64_t correct() const;
  std::int64_t total() const;
};

/// What testing a network on images gave.
struct Evaluation {
  double loss;  ///< mean cross-entropy over the images, in nats
  ConfusionMatrix confusion;
};

/// correct / total, in [0,1]; 0 of 0 is 0.
double accuracy(std::int64_t correct, std::int64_t total);

/// The share of all that is correct, in percent.
double percent_correct(const ConfusionMatrix& confusion);

/// Throws Error(kBelowMinAccuracy) if that is less than `percent`, which is --min-accuracy.
void require_accuracy(const ConfusionMatrix& confusion, double percent);

struct Interval {
  double low;
  double high;
};

/// The 95 % confidence interval of correct / total, in [0,1]; 0 of 0 is the whole of it. Unlike the
/// normal approximation it stays inside [0,1] and has a width at 0 and at 1. Source: E. B. Wilson,
/// "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
Interval wilson_interval(std::int64_t correct, std::int64_t total);

}  // namespace mnist
