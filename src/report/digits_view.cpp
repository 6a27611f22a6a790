#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "report/loss_chart.h"
#include "report/numbers.h"
#include "report/views.h"

namespace mnist {
namespace {

using nlohmann::json;

constexpr std::int64_t kAll = kDigits;  ///< the row after those of the digits

Score score(const RunRecord& run, std::int64_t row) {
  const ConfusionMatrix& confusion = run.test->confusion;
  if (row == kAll) return score(*run.test);
  return {confusion.correct(row), confusion.total(row)};
}

/// The scale of the accuracies goes from here to 100 %: from the whole percent, or the multiple of
/// five, that is below all intervals.
double scale_start(const Runs& runs) {
  double lowest = 100;
  for (const std::size_t run : tested(runs)) {
    for (std::int64_t row = 0; row <= kAll; ++row) {
      const Score digit = score(runs[run], row);
      if (digit.total > 0) lowest = std::min(lowest, 100 * digit.interval().low);
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
    const Score digit = score(runs[run], row);
    const Interval interval = digit.interval();
    scores.push_back({{"accuracy", digit.total == 0 ? "" : percent(digit.share())},
                      {"interval", digit.interval_text()},
                      {"run", runs[run].name},
                      {"correct", grouped(digit.correct)},
                      {"total", grouped(digit.total)},
                      {"style", style_class(run)},
                      {"low_x", on_scale(interval.low, start)},
                      {"high_x", on_scale(interval.high, start)},
                      {"x", on_scale(digit.share(), start)},
                      {"y", std::to_string(y)}});
    y += kLineHeight;
  }
  return {{"digit", row == kAll ? "all" : std::to_string(row)},
          {"is_all", row == kAll},
          {"height", std::to_string(y)},
          {"scores", scores}};
}

/// "Hardest is the 9, with 90.09 %; easiest the 0, with 97.65 %."
std::string extremes(const RunRecord& run) {
  std::vector<std::int64_t> digits;
  for (std::int64_t digit = 0; digit < kDigits; ++digit) {
    if (score(run, digit).total > 0) digits.push_back(digit);
  }
  const auto share = [&](std::int64_t digit) { return score(run, digit).share(); };
  const auto worse = [&](std::int64_t one, std::int64_t other) {
    return share(one) < share(other);
  };
  const auto hardest = std::min_element(digits.begin(), digits.end(), worse);
  const auto easiest = std::max_element(digits.begin(), digits.end(), worse);
  if (digits.empty() || !worse(*hardest, *easiest)) return "";
  return fmt::format("Hardest is the {}, with {}; easiest the {}, with {}. ", *hardest,
                     percent(share(*hardest)), *easiest, percent(share(*easiest)));
}

/// The class of a cell of mistakes: 0 for none, up to 6: a step for each of 0.2, 0.5, 1, 2 and 5 %
/// of the digit's images. In equal steps of the count the few mistakes would all look white beside
/// the images that are right.
std::string shade(std::int64_t count, std::int64_t total) {
  constexpr std::array<double, 5> kLimits{0.002, 0.005, 0.01, 0.02, 0.05};
  if (count == 0) return "shade-0";
  const double share = accuracy(count, total);
  return fmt::format("shade-{}", 1 + std::count_if(kLimits.begin(), kLimits.end(),
                                                   [&](double limit) { return share >= limit; }));
}

/// A row of a confusion matrix.
json truth_row(const ConfusionMatrix& confusion, std::int64_t truth) {
  const std::int64_t total = confusion.total(truth);
  json cells = json::array();
  for (std::int64_t guess = 0; guess < kDigits; ++guess) {
    const std::int64_t count = confusion.counts.at(truth).at(guess);
    cells.push_back({{"kind", truth == guess ? "right" : shade(count, total)},
                     {"guess", std::to_string(guess)},
                     {"of_all", grouped(count) + " of " + grouped(total)},
                     {"count", std::to_string(count)}});
  }
  return {{"truth", std::to_string(truth)}, {"cells", cells}};
}

/// "The most frequent mistake is to take a 9 for a 4: 39 times."
std::string commonest_mistake(const ConfusionMatrix& confusion) {
  std::int64_t most = 0;
  std::string text;
  for (std::int64_t truth = 0; truth < kDigits; ++truth) {
    for (std::int64_t guess = 0; guess < kDigits; ++guess) {
      const std::int64_t count = confusion.counts.at(truth).at(guess);
      if (truth == guess || count <= most) continue;
      most = count;
      text = fmt::format("The most frequent mistake is to take a {} for a {}: {}. ", truth, guess,
                         count == 1 ? "once" : grouped(count) + " times");
    }
  }
  return text;
}

}  // namespace

json digits_view(const Runs& runs) {
  const std::vector<std::size_t> columns = tested(runs);
  if (columns.empty()) return nullptr;
  const double start = scale_start(runs);
  json view{{"words", runs.size() == 1 ? extremes(runs.front()) : ""},
            {"ticks", json::array()},
            {"columns", json::array()},
            {"rows", json::array()}};
  const std::vector<double> ticks = whole_ticks(start, 100);
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    // Where there is little room the style leaves out the labels of odd ticks.
    view["ticks"].push_back({{"parity", (ticks.size() - 1 - i) % 2 == 0 ? "even" : "odd"},
                             {"x", on_scale(ticks[i] / 100, start)},
                             {"tick", shortest(ticks[i])}});
  }
  for (const std::size_t run : columns) view["columns"].push_back(label(runs, run));
  for (std::int64_t row = 0; row <= kAll; ++row) {
    view["rows"].push_back(digit_row(runs, row, start));
  }
  return view;
}

json confusion_view(const Runs& runs) {
  const std::vector<std::size_t> shown = tested(runs);
  if (shown.empty()) return nullptr;
  json matrices = json::array();
  for (const std::size_t run : shown) {
    json matrix = label(runs, run);
    for (std::int64_t truth = 0; truth < kDigits; ++truth) {
      matrix["rows"].push_back(truth_row(runs[run].test->confusion, truth));
    }
    matrices.push_back(matrix);
  }
  return {{"words", runs.size() == 1 ? commonest_mistake(runs.front().test->confusion) : ""},
          {"matrices", matrices}};
}

}  // namespace mnist
