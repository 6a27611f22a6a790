#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/numbers.h"
#include "report/views.h"

namespace mnist {
namespace {

/// Whether the predictions of both runs are for the same test images in the same order.
bool have_same_test_images(const RunRecord& first, const RunRecord& second) {
  return first.test_fingerprint && first.test_fingerprint == second.test_fingerprint &&
         std::ranges::equal(first.predictions, second.predictions, {}, &TestPrediction::label,
                            &TestPrediction::label);
}

/// How many of the same images only the first of two runs classifies correctly.
std::int64_t only_correct_in(const RunRecord& first, const RunRecord& second) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < first.predictions.size(); ++i) {
    if (first.predictions[i].is_correct() && !second.predictions[i].is_correct()) ++count;
  }
  return count;
}

}  // namespace

double mcnemar_exact(std::int64_t only_first, std::int64_t only_second) {
  const auto all = static_cast<double>(only_first + only_second);
  double tail = 0.0;
  for (std::int64_t i = 0; i <= std::min(only_first, only_second); ++i) {
    const auto fewer = static_cast<double>(i);
    // Logarithms, since 2^-all and the number of ways both leave the range of a double.
    const double log_ways =
        std::lgamma(all + 1) - std::lgamma(fewer + 1) - std::lgamma(all - fewer + 1);
    tail += std::exp(log_ways - all * std::log(2.0));
  }
  return std::min(1.0, 2 * tail);
}

std::vector<double> holm_adjusted(const std::vector<double>& p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::size_t index) { return p_values[index]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0.0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const auto remaining = static_cast<double>(order.size() - rank);
    largest = std::max(largest, std::min(1.0, remaining * p_values[order[rank]]));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

nlohmann::json comparison_view(const Runs& runs, const RunRecord& first) {
  nlohmann::json rows = nlohmann::json::array();
  std::vector<double> p_values;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].dir == first.dir) continue;
    nlohmann::json row = label(runs, i);
    const std::string why_not = runs[i].predictions.empty()              ? "no predictions"
                                : !have_same_test_images(first, runs[i]) ? "other test images"
                                                                         : "";
    row["why_not"] = why_not;
    if (why_not.empty()) {
      const std::int64_t only_this = only_correct_in(runs[i], first);
      const std::int64_t only_first = only_correct_in(first, runs[i]);
      p_values.push_back(mcnemar_exact(only_first, only_this));
      row["only_this"] = grouped(only_this);
      row["only_first"] = grouped(only_first);
      row["p"] = p_text(p_values.back());
    }
    rows.push_back(row);
  }
  if (rows.empty()) return nullptr;  // the same run twice
  const std::vector<double> adjusted = holm_adjusted(p_values);
  auto next = adjusted.begin();
  for (nlohmann::json& row : rows) {
    if (row.contains("p")) row["adjusted"] = p_text(*next++);
  }
  return {{"first", first.name}, {"is_adjusted", p_values.size() > 1}, {"rows", rows}};
}

}  // namespace mnist
