#include "run/comparison.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace mnist {

Paired compare(const std::vector<Answer>& first, const std::vector<Answer>& second) {
  Paired pairs;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const bool is_second_right = second.at(i).is_right();
    if (first[i].is_right()) {
      ++(is_second_right ? pairs.both : pairs.only_first);
    } else {
      ++(is_second_right ? pairs.only_second : pairs.neither);
    }
  }
  return pairs;
}

std::string why_not_comparable(const RunRecord& first, const RunRecord& second) {
  if (!first.test_fingerprint || first.test_fingerprint != second.test_fingerprint) {
    return "was tested on other test images";
  }
  const bool has_same_labels = std::equal(
      first.answers.begin(), first.answers.end(), second.answers.begin(), second.answers.end(),
      [](const Answer& one, const Answer& other) { return one.digit == other.digit; });
  return has_same_labels ? "" : "has other labels of the same test images in its predictions.csv";
}

double mcnemar_exact(std::int64_t only_first, std::int64_t only_second) {
  const std::int64_t fewer = std::min(only_first, only_second);
  const auto all = static_cast<double>(only_first + only_second);
  const auto k = static_cast<double>(fewer);
  // The probability of `fewer`, from logarithms, since 2^-all and the number of ways both leave the
  // range of a double. The others of the tail are given by their ratios to it.
  const double log_ways = std::lgamma(all + 1) - std::lgamma(k + 1) - std::lgamma(all - k + 1);
  double term = 1.0;
  double sum = 1.0;
  for (double i = k; i > 0 && term > sum * std::numeric_limits<double>::epsilon(); --i) {
    term *= i / (all - i + 1);
    sum += term;
  }
  return std::min(1.0, 2 * sum * std::exp(log_ways - all * std::log(2.0)));
}

std::vector<double> holm_adjusted(const std::vector<double>& probabilities) {
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
    return probabilities[one] < probabilities[other];
  });
  std::vector<double> adjusted(probabilities.size());
  double largest = 0.0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const auto remaining = static_cast<double>(order.size() - rank);
    largest = std::max(largest, std::min(1.0, remaining * probabilities[order[rank]]));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

}  // namespace mnist
