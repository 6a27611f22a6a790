#include "report/comparison.h"
#include "report/numbers.h"
#include "report/views.h"

namespace mnist {
namespace {

using nlohmann::json;

/// Why a run cannot be compared with the first; empty if it can.
std::string why_not_compared(const RunRecord& first, const RunRecord& run) {
  if (run.predictions.empty()) return "no predictions";
  return have_same_test_images(first, run) ? "" : "other test images";
}

}  // namespace

json comparison_view(const Runs& runs, std::size_t first) {
  json rows = json::array();
  std::vector<double> p_values;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (i == first) continue;
    json row = label(runs, i);
    const std::string why_not = why_not_compared(runs[first], runs[i]);
    row["why_not"] = why_not;
    if (why_not.empty()) {
      const DiscordantPairs pairs = discordant_pairs(runs[first].predictions, runs[i].predictions);
      row["only_this"] = grouped(pairs.only_second);
      row["only_first"] = grouped(pairs.only_first);
      p_values.push_back(mcnemar_exact(pairs));
      row["p"] = p_text(p_values.back());
    }
    rows.push_back(row);
  }
  const std::vector<double> adjusted = holm_adjusted(p_values);
  auto next = adjusted.begin();
  for (json& row : rows) {
    if (row.contains("p")) row["adjusted"] = p_text(*next++);
  }
  return {{"first", runs[first].name}, {"is_adjusted", p_values.size() > 1}, {"rows", rows}};
}

}  // namespace mnist
