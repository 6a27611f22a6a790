#include "report/confusion.h"

#include <algorithm>
#include <array>

#include "report/sections.h"

namespace mnist {
namespace {

using Runs = std::vector<StoredRun>;

/// 0 for none, up to 6: a step for each of 0.2, 0.5, 1, 2 and 5 % of the digit's images. In equal
/// steps of the count the few mistakes would all be white beside the right ones.
int shade(std::int64_t count, std::int64_t total) {
  if (count == 0) return 0;
  constexpr std::array<double, 5> kLimits{0.002, 0.005, 0.01, 0.02, 0.05};
  const double share = accuracy(count, total);
  return 1 + static_cast<int>(std::count_if(kLimits.begin(), kLimits.end(),
                                            [&](double limit) { return share >= limit; }));
}

Html confusion_cell(const ConfusionMatrix& confusion, std::int64_t truth, std::int64_t guess) {
  const std::int64_t count = confusion.counts.at(truth).at(guess);
  const std::string kind =
      truth == guess ? "right" : "shade-" + std::to_string(shade(count, confusion.total(truth)));
  const std::string tooltip = std::to_string(truth) + " taken for " + std::to_string(guess) + ": " +
                              grouped(count) + " of " + grouped(confusion.total(truth));
  return element("td", {{"class", kind}, {"title", tooltip}}, std::to_string(count));
}

Html confusion_table(const Runs& runs, std::size_t run) {
  Html heads = header_cell("col", "truth \\ guess");
  for (std::int64_t guess = 0; guess < kDigits; ++guess) {
    heads += header_cell("col", std::to_string(guess));
  }
  Html rows = element("tr", {}, heads) + "\n";
  for (std::int64_t truth = 0; truth < kDigits; ++truth) {
    Html cells = header_cell("row", std::to_string(truth));
    for (std::int64_t guess = 0; guess < kDigits; ++guess) {
      cells += confusion_cell(runs[run].test->confusion, truth, guess);
    }
    rows += element("tr", {}, cells) + "\n";
  }
  const Html name = runs.size() == 1 ? Html() : element("h3", {}, run_label(runs, run));
  return element(
      "div", {{"class", "run"}},
      name + scrolling_table("Confusion matrix of " + runs[run].name, "confusion", rows));
}

Html shade_legend() {
  constexpr std::array<const char*, 7> kNames{"none",   "to 0.2 %", "to 0.5 %", "to 1 %",
                                              "to 2 %", "to 5 %",   "more"};
  Html items;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    items += element("li", {{"class", "shade-" + std::to_string(i)}}, kNames.at(i));
  }
  return element("ul", {{"class", "shades"}}, items);
}

/// "A 9 is most often taken for a 4: 39 times."
std::string commonest_mistake(const ConfusionMatrix& confusion) {
  std::int64_t most = 0;
  std::string text;
  for (std::int64_t truth = 0; truth < kDigits; ++truth) {
    for (std::int64_t guess = 0; guess < kDigits; ++guess) {
      const std::int64_t count = confusion.counts.at(truth).at(guess);
      if (truth == guess || count <= most) continue;
      most = count;
      text = "The most frequent mistake is to take a " + std::to_string(truth) + " for a " +
             std::to_string(guess) + ": " + (count == 1 ? "once" : grouped(count) + " times") +
             ". ";
    }
  }
  return text;
}

}  // namespace

Html confusion_section(const Runs& runs) {
  const std::vector<std::size_t> shown = tested(runs);
  if (shown.empty()) return section("Confusion matrix", untested_notes(runs));
  const std::string words = runs.size() == 1 ? commonest_mistake(runs.front().test->confusion) : "";
  Html tables;
  for (const std::size_t run : shown) tables += confusion_table(runs, run);
  return section("Confusion matrix",
                 element("p", {},
                         words + "Each row is a digit, each column what it was taken for. "
                                 "Right ones are framed; mistakes are shaded by their "
                                 "share of the digit's images:") +
                     shade_legend() + element("div", {{"class", "matrices"}}, tables) +
                     untested_notes(runs));
}

}  // namespace mnist
