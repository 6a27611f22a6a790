#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "report/numbers.h"

namespace mnist {
namespace {

constexpr int kMostParts = 8;  ///< that the ticks divide an axis into

/// A distance between ticks: `digit`, which is 1, 2 or 5, times a power of ten.
struct Step {
  int digit;
  int exponent;

  /// A quotient by a positive power of ten is the double nearest to the decimal number, and so is
  /// printed with few digits; a product with a negative power is not.
  double multiple(double times) const {
    const double power = std::pow(10.0, std::abs(exponent));
    return exponent < 0 ? times * digit / power : times * digit * power;
  }
};

/// The smallest step that divides `length` into at most kMostParts.
Step step_for(double length) {
  int exponent = static_cast<int>(std::floor(std::log10(length / kMostParts)));
  for (;; ++exponent) {
    for (const int digit : {1, 2, 5}) {
      const Step step{digit, exponent};
      if (length <= kMostParts * step.multiple(1)) return step;
    }
  }
}

/// Evenly spaced candidates that reach beyond both ends of [low, high].
std::vector<double> even_candidates(double low, double high) {
  const Step step = step_for(high - low);
  std::vector<double> result;
  for (double times = std::floor(low / step.multiple(1)) - 1;; ++times) {
    result.push_back(step.multiple(times));
    if (result.back() >= high) return result;
  }
}

/// Candidates on the decades, likewise.
std::vector<double> decade_candidates(double low, double high) {
  constexpr int kManyDecades = 3;
  const int first = static_cast<int>(std::floor(std::log10(low))) - 1;
  const int last = static_cast<int>(std::ceil(std::log10(high))) + 1;
  const int decades = last - first - 2;
  const int every = decades / kMostParts + 1;
  std::vector<double> result;
  for (int exponent = first; exponent < last + every; exponent += every) {
    for (const int digit : {1, 2, 5}) {
      if (digit > 1 && decades > kManyDecades) continue;
      result.push_back(Step{digit, exponent}.multiple(1));
    }
  }
  return result;
}

}  // namespace

std::vector<double> log_ticks(double low, double high) {
  const bool narrow = low < high && high < 2 * low;
  const std::vector<double> candidates =
      narrow ? even_candidates(low, high) : decade_candidates(low, high);
  auto first = std::upper_bound(candidates.begin(), candidates.end(), low) - 1;
  auto last = std::lower_bound(first, candidates.end(), high);
  if (first == last) {  // an axis needs a length
    --first;
    ++last;
  }
  return {first, last + 1};
}

std::vector<double> whole_ticks(double low, double high) {
  // On a shorter axis than this the step would be a fraction.
  const double step = step_for(std::max(high - low, double{kMostParts})).multiple(1);
  std::vector<double> ticks;
  for (double tick = std::ceil(low / step) * step; tick <= high; tick += step) {
    ticks.push_back(tick);
  }
  return ticks;
}

}  // namespace mnist
