#include <fmt/format.h>

#include <algorithm>

#include "report/comparison.h"
#include "report/numbers.h"
#include "report/views.h"

namespace mnist {
namespace {

using nlohmann::json;

constexpr double kLimit = 0.05;  // report.html says it in words

/// A run and how it did against the first.
struct Comparison {
  std::size_t run;
  PairedCounts pairs;
  double chance;    ///< see mcnemar_exact()
  double adjusted;  ///< see holm_adjusted()

  bool is_equal() const { return pairs.only_first == pairs.only_second; }
  bool can_be_chance() const { return adjusted >= kLimit; }
  const char* direction() const {
    return pairs.only_second > pairs.only_first ? "better" : "worse";
  }
};

std::vector<Comparison> compare_with(const Runs& runs, std::size_t first) {
  std::vector<Comparison> found;
  std::vector<double> chances;
  for (std::size_t i = first + 1; i < runs.size(); ++i) {
    if (runs[i].predictions.empty() || !have_same_test_images(runs[first], runs[i])) continue;
    const PairedCounts pairs = count_pairs(runs[first].predictions, runs[i].predictions);
    chances.push_back(mcnemar_exact(pairs.only_first, pairs.only_second));
    found.push_back({i, pairs, chances.back(), 1.0});
  }
  const std::vector<double> adjusted = holm_adjusted(chances);
  for (std::size_t i = 0; i < found.size(); ++i) found[i].adjusted = adjusted[i];
  return found;
}

/// Of how many pairs of runs: "54 of 100"
std::string chance_text(double chance) {
  if (chance >= 0.01) return fixed(100 * chance, chance < 0.1 ? 1 : 0) + " of 100";
  if (chance >= 0.001) return "fewer than 1 of 100";
  return chance >= 1e-6 ? "fewer than 1 of 1,000" : "fewer than 1 of 1,000,000";
}

std::string verdict(const Comparison& comparison, const std::string& first) {
  if (comparison.is_equal()) return "none";
  if (comparison.can_be_chance()) return "can be chance";
  return fmt::format("{} than {}", comparison.direction(), first);
}

std::string words_of_one(const Comparison& comparison, const Runs& runs, const std::string& first) {
  const std::string& second = runs[comparison.run].name;
  std::string words =
      fmt::format("{} is right on {} that {} gets wrong, and wrong on {} that {} gets right.",
                  second, count_of(comparison.pairs.only_second, "test image"), first,
                  grouped(comparison.pairs.only_first), first);
  if (comparison.is_equal()) return words + " So neither is better.";
  words += fmt::format(
      " Such a difference, or a larger one, would come by chance in {} such pairs of runs.",
      chance_text(comparison.chance));
  if (comparison.can_be_chance()) return words + " So it can be chance.";
  return words + fmt::format(" So {} is {}.", second, comparison.direction());
}

std::string words_of_several(std::size_t count, const std::string& first) {
  return fmt::format(
      "Each run is compared with {}, on the same test images one by one. The more runs are "
      "compared, "
      "the more often chance alone looks like a difference. So each of these {} has to be clearer "
      "than one that stands alone (Holm's method).",
      first, count);
}

/// Why a run is not compared with the first; empty if it is, or if it was not tested, which other
/// sections say.
std::string why_left_out(const Runs& runs, std::size_t first, std::size_t index) {
  const RunRecord& run = runs[index];
  if (index == first || !run.test) return "";
  if (!run.no_predictions.empty()) return run.name + " is not compared: " + run.no_predictions;
  if (run.predictions.empty()) {
    return run.name +
           " is not compared: it has no predictions.csv, as a run that was interrupted or "
           "diverged.";
  }
  if (have_same_test_images(runs[first], run)) return "";
  return run.name + " is not compared: it was tested on other test images.";
}

std::vector<std::string> notes_about(const Runs& runs, std::size_t first) {
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (std::string why = why_left_out(runs, first, i); !why.empty()) notes.push_back(why);
  }
  return notes;
}

/// The comparisons with the first run; null if there are none.
json table_view(const Runs& runs, std::size_t first) {
  const std::vector<Comparison> compared = compare_with(runs, first);
  if (compared.empty()) return nullptr;
  const std::string& name = runs[first].name;
  json rows = json::array();
  for (const Comparison& comparison : compared) {
    json row = label(runs, comparison.run);
    row["only_this"] = grouped(comparison.pairs.only_second);
    row["only_first"] = grouped(comparison.pairs.only_first);
    row["both"] = grouped(comparison.pairs.both);
    row["neither"] = grouped(comparison.pairs.neither);
    row["chance"] = chance_text(comparison.chance);
    row["verdict"] = verdict(comparison, name);
    rows.push_back(row);
  }
  return {{"first", name},
          {"words", compared.size() == 1 ? words_of_one(compared.front(), runs, name)
                                         : words_of_several(compared.size(), name)},
          {"rows", rows}};
}

}  // namespace

json pairs_view(const Runs& runs) {
  if (runs.size() == 1) return nullptr;
  const auto with_predictions = std::find_if(
      runs.begin(), runs.end(), [](const RunRecord& run) { return !run.predictions.empty(); });
  const auto first = static_cast<std::size_t>(with_predictions - runs.begin());
  const bool is_any_broken = std::any_of(
      runs.begin(), runs.end(), [](const RunRecord& run) { return !run.no_predictions.empty(); });
  if (first == runs.size() && !is_any_broken) return nullptr;
  return {{"notes", notes_about(runs, first)},
          {"table", first == runs.size() ? json() : table_view(runs, first)}};
}

}  // namespace mnist
