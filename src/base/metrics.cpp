#include "mnist_train/metrics.h"

#include <cmath>
#include <numeric>

namespace mnist {
namespace {

/// The lower end of wilson_interval(): exactly 0 if none are correct.
double wilson_low(std::int64_t correct, std::int64_t total) {
  constexpr double kZ = 1.959963984540054;  // the 97.5 % quantile of the normal distribution
  const double p = accuracy(correct, total);
  const double z2_n = kZ * kZ / static_cast<double>(total);
  return (p + z2_n / 2 - std::sqrt(z2_n * (p * (1 - p) + z2_n / 4))) / (1 + z2_n);
}

}  // namespace

std::int64_t ConfusionMatrix::correct(std::int64_t digit) const {
  return counts.at(digit).at(digit);
}

std::int64_t ConfusionMatrix::total(std::int64_t digit) const {
  const auto& row = counts.at(digit);
  return std::accumulate(row.begin(), row.end(), std::int64_t{0});
}

std::int64_t ConfusionMatrix::correct() const {
  std::int64_t sum = 0;
  for (std::int64_t digit = 0; digit < kDigits; ++digit) sum += correct(digit);
  return sum;
}

std::int64_t ConfusionMatrix::total() const {
  std::int64_t sum = 0;
  for (std::int64_t digit = 0; digit < kDigits; ++digit) sum += total(digit);
  return sum;
}

double accuracy(std::int64_t correct, std::int64_t total) {
  return total == 0 ? 0.0 : static_cast<double>(correct) / static_cast<double>(total);
}

double Evaluation::accuracy() const {
  return mnist::accuracy(confusion.correct(), confusion.total());
}

Interval wilson_interval(std::int64_t correct, std::int64_t total) {
  if (total == 0) return {0.0, 1.0};
  return {wilson_low(correct, total), 1.0 - wilson_low(total - correct, total)};
}

}  // namespace mnist
