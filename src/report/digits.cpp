#include "report/digits.h"

#include <algorithm>
#include <cmath>

#include "report/line_chart.h"
#include "report/sections.h"

namespace mnist {
namespace {

using Runs = std::vector<StoredRun>;

/// Of a digit, or of all of them.
struct Score {
  std::int64_t correct;
  std::int64_t total;
};

constexpr std::int64_t kAll = kDigits;  ///< the row after those of the digits

Score score(const StoredRun& run, std::int64_t row) {
  const ConfusionMatrix& confusion = run.test->confusion;
  if (row == kAll) return {confusion.correct(), confusion.total()};
  return {confusion.correct(row), confusion.total(row)};
}

/// The scale of the intervals goes from here to 100 %: the whole percent, or multiple of five,
/// below all of them.
double scale_start(const Runs& runs) {
  double lowest = 100;
  for (const std::size_t run : tested(runs)) {
    for (std::int64_t row = 0; row <= kAll; ++row) {
      const Score digit = score(runs[run], row);
      if (digit.total == 0) continue;
      lowest = std::min(lowest, 100 * wilson_interval(digit.correct, digit.total).low);
    }
  }
  const double unit = lowest < 95 ? 5 : 1;
  return std::min(99.0, std::floor(lowest / unit) * unit);
}

/// Where on the scale a share lies, as SVG puts it, so that it does not depend on the width.
std::string on_scale(double share, double start) {
  return fixed((100 * share - start) / (100 - start) * 100, 2) + "%";
}

Html vertical(const std::string& x) {
  return element("line", {{"class", "grid"}, {"x1", x}, {"x2", x}, {"y1", "0"}, {"y2", "100%"}},
                 {});
}

/// The labels, of which every other one can be left out where there is little room.
Html scale_svg(double start) {
  const std::vector<double> ticks = whole_ticks(start, 100);
  Html content;
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    content += element("text",
                       {{"class", (ticks.size() - 1 - i) % 2 == 0 ? "even" : "odd"},
                        {"x", on_scale(ticks[i] / 100, start)},
                        {"y", "12"},
                        {"text-anchor", "middle"}},
                       shortest(ticks[i]));
  }
  return element("svg", {{"class", "scale"}, {"height", "16"}, {"aria-hidden", "true"}}, content);
}

/// A dot and a bar for each tested run, under each other.
Html interval_svg(const Runs& runs, std::int64_t row, double start) {
  constexpr int kRowHeight = 10;
  Html content;
  for (const double tick : whole_ticks(start, 100))
    content += vertical(on_scale(tick / 100, start));
  int y = kRowHeight;
  for (const std::size_t run : tested(runs)) {
    const Score digit = score(runs[run], row);
    const std::string at = std::to_string(y);
    y += kRowHeight;
    if (digit.total == 0) continue;
    const Interval interval = wilson_interval(digit.correct, digit.total);
    const Html tooltip =
        element("title", {},
                runs[run].name + ": " + grouped(digit.correct) + " of " + grouped(digit.total));
    const Html bar = element("line",
                             {{"class", "interval"},
                              {"x1", on_scale(interval.low, start)},
                              {"x2", on_scale(interval.high, start)},
                              {"y1", at},
                              {"y2", at}},
                             {});
    const Html dot = element(
        "circle",
        {{"cx", on_scale(accuracy(digit.correct, digit.total), start)}, {"cy", at}, {"r", "3.5"}},
        {});
    content += element("g", {{"class", style_class(run)}}, tooltip + bar + dot);
  }
  return element(
      "svg", {{"class", "scale"}, {"height", std::to_string(y)}, {"aria-hidden", "true"}}, content);
}

Html digit_row(const Runs& runs, std::int64_t row, double start) {
  Html cells = header_cell("row", row == kAll ? "all" : std::to_string(row));
  cells += element("td", {{"class", "plot"}}, interval_svg(runs, row, start));
  for (const std::size_t run : tested(runs)) {
    const Score digit = score(runs[run], row);
    if (digit.total == 0) {
      cells += element("td", {}, "no images");
      continue;
    }
    cells += element("td", {},
                     percent(accuracy(digit.correct, digit.total)) +
                         element("small", {}, interval_text(digit.correct, digit.total)));
  }
  return element("tr", row == kAll ? Attributes{{"class", "all"}} : Attributes{}, cells) + "\n";
}

/// "Hardest is the 9, with 90.09 %; easiest the 0, with 97.65 %."
std::string extremes(const StoredRun& run) {
  const auto worse = [&](std::int64_t one, std::int64_t other) {
    const Score a = score(run, one);
    const Score b = score(run, other);
    return accuracy(a.correct, a.total) < accuracy(b.correct, b.total);
  };
  std::vector<std::int64_t> digits;
  for (std::int64_t digit = 0; digit < kDigits; ++digit) {
    if (score(run, digit).total > 0) digits.push_back(digit);
  }
  const auto hardest = std::min_element(digits.begin(), digits.end(), worse);
  const auto easiest = std::max_element(digits.begin(), digits.end(), worse);
  if (digits.empty() || !worse(*hardest, *easiest)) return "";
  const auto share = [&](std::int64_t digit) {
    const Score of_digit = score(run, digit);
    return percent(accuracy(of_digit.correct, of_digit.total));
  };
  return "Hardest is the " + std::to_string(*hardest) + ", with " + share(*hardest) +
         "; easiest the " + std::to_string(*easiest) + ", with " + share(*easiest) + ". ";
}

}  // namespace

Html digits_section(const Runs& runs) {
  const std::vector<std::size_t> columns = tested(runs);
  if (columns.empty()) return section("Accuracy of each digit", untested_notes(runs));
  const double start = scale_start(runs);
  Html heads = header_cell("col", "digit") +
               element("th", {{"class", "plot"}, {"scope", "col"}}, scale_svg(start));
  for (const std::size_t run : columns) {
    heads += header_cell("col", runs.size() == 1 ? "accuracy" : run_label(runs, run));
  }
  Html rows = element("tr", {}, heads) + "\n";
  for (std::int64_t row = 0; row <= kAll; ++row) rows += digit_row(runs, row, start);
  const std::string words = runs.size() == 1 ? extremes(runs.front()) : "";
  return section("Accuracy of each digit",
                 element("p", {},
                         words + "Dots are the accuracies on the test images, in percent; "
                                 "bars their 95\u00a0% intervals.") +
                     scrolling_table("Accuracy of each digit",
                                     runs.size() == 1 ? "digits" : "digits several", rows) +
                     untested_notes(runs));
}

}  // namespace mnist
