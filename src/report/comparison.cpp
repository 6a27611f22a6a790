#include "report/comparison.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

#include "report/numbers.h"
#include "report/views.h"

namespace mnist {

bool have_same_test_images(const RunRecord& first, const RunRecord& second) {
  return first.test_fingerprint && first.test_fingerprint == second.test_fingerprint &&
         std::ranges::equal(first.predictions, second.predictions, {}, &TestPrediction::label,
                            &TestPrediction::label);
}

DiscordantPairs discordant_pairs(const std::vector<TestPrediction>& first,
                                 const std::vector<TestPrediction>& second) {
  DiscordantPairs pairs;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const bool is_second_correct = second.at(i).is_correct();
    if (first[i].is_correct() && !is_second_correct) ++pairs.only_first;
    if (!first[i].is_correct() && is_second_correct) ++pairs.only_second;
  }
  return pairs;
}

double mcnemar_exact(const DiscordantPairs& pairs) {
  const auto all = static_cast<double>(pairs.only_first + pairs.only_second);
  const auto fewer = static_cast<double>(std::min(pairs.only_first, pairs.only_second));
  // The probability of `fewer`, from logarithms, since 2^-all and the number of ways both leave the
  // range of a double. The others of the tail are given by their ratios to it.
  const double log_ways =
      std::lgamma(all + 1) - std::lgamma(fewer + 1) - std::lgamma(all - fewer + 1);
  double term = 1.0;
  double sum = 1.0;
  for (double i = fewer; i > 0 && term > sum * std::numeric_limits<double>::epsilon(); --i) {
    term *= i / (all - i + 1);
    sum += term;
  }
  return std::min(1.0, 2 * sum * std::exp(log_ways - all * std::log(2.0)));
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
    row["why_not"] = runs[i].predictions.empty()              ? "no predictions"
                     : !have_same_test_images(first, runs[i]) ? "other test images"
                                                              : "";
    if (row["why_not"] == "") {
      const DiscordantPairs pairs = discordant_pairs(first.predictions, runs[i].predictions);
      row["only_this"] = grouped(pairs.only_second);
      row["only_first"] = grouped(pairs.only_first);
      p_values.push_back(mcnemar_exact(pairs));
      row["p"] = p_text(p_values.back());
    }
    rows.push_back(row);
  }
  const std::vector<double> adjusted = holm_adjusted(p_values);
  auto next = adjusted.begin();
  for (nlohmann::json& row : rows) {
    if (row.contains("p")) row["adjusted"] = p_text(*next++);
  }
  return {{"first", first.name}, {"is_adjusted", p_values.size() > 1}, {"rows", rows}};
}

}  // namespace mnist
