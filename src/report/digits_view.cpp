#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/text.h"
#include "report/numbers.h"
#include "report/views.h"

namespace mnist {
namespace {

using nlohmann::json;

constexpr std::int64_t kAll = kDigits;  ///< the row after those of the digits

/// How many images of a digit, or of all, were classified correctly, and how many there are.
std::pair<std::int64_t, std::int64_t> counts(const RunRecord& run, std::int64_t row) {
  const ConfusionMatrix& confusion = run.test->confusion;
  if (row == kAll) return {confusion.correct(), confusion.total()};
  return {confusion.correct(row), confusion.total(row)};
}

/// The scale of the accuracies goes from here to 100 %: from the whole percent, or the multiple of
/// five, that is below all intervals.
double scale_start(const Runs& runs) {
  double lowest = 100;
  for (const std::size_t run : tested(runs)) {
    for (std::int64_t row = 0; row <= kAll; ++row) {
      const auto [correct, total] = counts(runs[run], row);
      if (total > 0) lowest = std::min(lowest, 100 * wilson_interval(correct, total).low);
    }
  }
  const double unit = lowest < 95 ? 5 : 1;
  return std::min(99.0, std::floor(lowest / unit) * unit);
}

/// Where on the scale a share lies. A percentage, so that it does not depend on the width.
std::string on_scale(double share, double start) {
  return fixed((100 * share - start) / (100 - start) * 100, 2) + "%";
}

/// A picture with a line for each tested run, under each other, and the same in words.
json digit_row(const Runs& runs, std::int64_t row, double start) {
  constexpr int kLineHeight = 10;
  json scores = json::array();
  int y = kLineHeight;
  for (const std::size_t run : tested(runs)) {
    const auto [correct, total] = counts(runs[run], row);
    const double share = accuracy(correct, total);
    const Interval interval = wilson_interval(correct, total);
    scores.push_back({{"accuracy", total == 0 ? "" : percent(share)},
                      {"interval", interval_text(interval)},
                      {"style", style_class(run)},
                      {"low_x", on_scale(interval.low, start)},
                      {"high_x", on_scale(interval.high, start)},
                      {"x", on_scale(share, start)},
                      {"y", std::to_string(y)}});
    y += kLineHeight;
  }
  return {{"digit", row == kAll ? "all" : std::to_string(row)},
          {"is_all", row == kAll},
          {"height", std::to_string(y)},
          {"scores", scores}};
}

/// The class of a cell of misclassified images: 0 for none, up to 4: a step for each of 0.2, 0.5
/// and 2 % of the digit's images.
std::string shade(std::int64_t count, std::int64_t total) {
  constexpr std::array<double, 3> kLimits{0.002, 0.005, 0.02};
  if (count == 0) return "shade-0";
  const double share = accuracy(count, total);
  return fmt::format(
      "shade-{}", 1 + std::ranges::count_if(kLimits, [&](double limit) { return share > limit; }));
}

/// A row of a confusion matrix.
json matrix_row(const ConfusionMatrix& confusion, std::int64_t digit) {
  const std::int64_t total = confusion.total(digit);
  json cells = json::array();
  for (std::int64_t predicted = 0; predicted < kDigits; ++predicted) {
    const std::int64_t count = confusion.counts.at(digit).at(predicted);
    cells.push_back({{"kind", digit == predicted ? "correct" : shade(count, total)},
                     {"predicted", std::to_string(predicted)},
                     {"of_all", grouped(count) + " of " + grouped(total)},
                     {"count", std::to_string(count)}});
  }
  return {{"digit", std::to_string(digit)}, {"cells", cells}};
}

}  // namespace

json digits_view(const Runs& runs) {
  const std::vector<std::size_t> columns = tested(runs);
  if (columns.empty()) return nullptr;
  const double start = scale_start(runs);
  json view{{"ticks", json::array()}, {"columns", json::array()}, {"rows", json::array()}};
  for (const double tick : whole_ticks(start, 100, 4)) {
    view["ticks"].push_back({{"x", on_scale(tick / 100, start)}, {"tick", shortest(tick)}});
  }
  for (const std::size_t run : columns) view["columns"].push_back(label(runs, run));
  for (std::int64_t row = 0; row <= kAll; ++row) {
    view["rows"].push_back(digit_row(runs, row, start));
  }
  return view;
}

json confusion_view(const Runs& runs) {
  json matrices = json::array();
  for (const std::size_t run : tested(runs)) {
    matrices.push_back(label(runs, run));
    for (std::int64_t digit = 0; digit < kDigits; ++digit) {
      matrices.back()["rows"].push_back(matrix_row(runs[run].test->confusion, digit));
    }
  }
  return matrices.empty() ? json() : json{{"matrices", matrices}};
}

}  // namespace mnist
