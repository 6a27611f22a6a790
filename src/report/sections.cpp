#include "report/sections.h"

#include <algorithm>
#include <cmath>

#include "image/image_file.h"
#include "report/line_chart.h"

namespace mnist {
namespace {

using Runs = std::vector<StoredRun>;

Html paragraph(const std::string& text) { return element("p", {}, text); }

Series loss_series(const StoredRun& run, std::size_t style, bool validation, bool alone) {
  const std::string part = validation ? "validation" : "training";
  Series series{alone ? part : run.name + " " + part, style, validation, alone || !validation, {}};
  if (!alone && !validation) series.name = run.name;
  for (const StoredEpoch& epoch : run.history) {
    const double loss = validation ? epoch.validation_loss.value_or(NAN) : epoch.train_loss;
    series.points.push_back({static_cast<double>(epoch.epoch), loss});
  }
  return series;
}

bool has_validation(const StoredRun& run) {
  return std::any_of(run.history.begin(), run.history.end(),
                     [](const StoredEpoch& epoch) { return epoch.validation_loss.has_value(); });
}

/// "The training loss went from 0.864 in epoch 1 to 0.1835 in epoch 5."
std::string course(const Series& series) {
  const auto finite = [](const ChartPoint& point) { return std::isfinite(point.y); };
  const auto first = std::find_if(series.points.begin(), series.points.end(), finite);
  const auto last = std::find_if(series.points.rbegin(), series.points.rend(), finite);
  if (first == series.points.end()) return "";
  std::string text = "The " + series.name + " loss ";
  text += first->x == last->x ? "was " : "went from ";
  text += rounded(first->y, 4) + " in epoch " + shortest(first->x);
  if (first->x != last->x) text += " to " + rounded(last->y, 4) + " in epoch " + shortest(last->x);
  return text + ". ";
}

/// Says which epoch had the lowest validation loss if it was not the last.
std::string turning_point(const StoredRun& run) {
  const StoredEpoch* best = nullptr;
  for (const StoredEpoch& epoch : run.history) {
    if (!std::isfinite(epoch.validation_loss.value_or(NAN))) continue;
    if (best == nullptr || *epoch.validation_loss < *best->validation_loss) best = &epoch;
  }
  if (best == nullptr || best == &run.history.back()) return "";
  return "It was lowest in epoch " + std::to_string(best->epoch) + ", at " +
         rounded(*best->validation_loss, 4) + ". ";
}

/// What the chart lacks of a run.
std::string missing_epochs(const StoredRun& run, const std::string& who) {
  const bool any =
      std::any_of(run.history.begin(), run.history.end(),
                  [](const StoredEpoch& epoch) { return std::isfinite(epoch.train_loss); });
  if (!any) return who + " has no epoch with a finite loss on record. ";
  const auto known = static_cast<std::int64_t>(run.history.size());
  if (known >= run.epochs) return "";
  return who + " has only " + grouped(known) + " of its " + grouped(run.epochs) +
         " epochs on record. ";
}

Html mistake_figure(const Mistake& mistake) {
  const std::string truth = std::to_string(mistake.truth);
  const std::string position = grouped(mistake.position);
  const Html picture =
      void_element("img", {{"src", data_uri("image/png", encode_png(mistake.image))},
                           {"alt", "test image " + position + ", a " + truth},
                           {"width", "28"},
                           {"height", "28"}});
  const Prediction& prediction = mistake.prediction;
  const Html caption =
      element("b", {}, truth + " taken for " + std::to_string(prediction.digit())) +
      element("span", {}, percent(prediction.probability())) +
      element("span", {}, "image " + position);
  return element("figure", {}, picture + element("figcaption", {}, caption)) + "\n";
}

Html mistake_pictures(const Runs& runs, std::size_t index) {
  const StoredRun& run = runs[index];
  if (run.mistakes.empty()) {
    if (!run.no_mistakes.empty()) return paragraph(run.no_mistakes);
    if (!run.test) return paragraph(why_untested(runs, index));
    const bool none = run.test->confusion.correct() == run.test->confusion.total();
    return paragraph(none ? "There are none: every test image is right."
                          : "The pictures were not asked for.");
  }
  Html figures;
  for (const Mistake& mistake : run.mistakes) figures += mistake_figure(mistake);
  return element("div", {{"class", "mistakes"}}, figures);
}

}  // namespace

Html curves_section(const Runs& runs) {
  LineChart chart{"Losses over the epochs", "", "epoch", "loss (nats)", {}};
  std::string words;
  bool dashes = false;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const bool alone = runs.size() == 1;
    chart.series.push_back(loss_series(runs[i], i, false, alone));
    if (alone) words += course(chart.series.back());
    if (has_validation(runs[i])) {
      dashes = true;
      chart.series.push_back(loss_series(runs[i], alone ? 1 : i, true, alone));
      if (alone) words += course(chart.series.back()) + turning_point(runs[i]);
    }
    words += missing_epochs(runs[i], subject(runs, i));
  }
  chart.description = words;
  const Html svg = line_chart(chart);
  if (svg.empty()) {
    return section("Curves", paragraph(words));
  }
  if (dashes && runs.size() > 1) words += "Solid lines are training, dashed ones validation. ";
  std::string note =
      "The training loss is the mean over an epoch, in which the weights change all the time";
  note += dashes ? "; the validation loss is of the weights at its end." : ".";
  return section("Curves", (words.empty() ? Html() : paragraph(words)) +
                               element("figure", {}, svg) +
                               element("p", {{"class", "note"}}, note));
}

Html mistakes_section(const Runs& runs) {
  Html content;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Html name = runs.size() == 1 ? Html() : element("h3", {}, run_label(runs, i));
    content += element("div", {{"class", "run"}}, name + mistake_pictures(runs, i));
  }
  return section("Most confident mistakes", content);
}

Html section(const std::string& heading, const Html& content) {
  return element("section", {}, element("h2", {}, heading) + "\n" + content) + "\n";
}

Html header_cell(const char* scope, const Html& content) {
  return element("th", {{"scope", scope}}, content);
}

Html scrolling_table(const std::string& name, const std::string& kind, const Html& rows) {
  return element("div",
                 {{"class", "box"}, {"role", "region"}, {"aria-label", name}, {"tabindex", "0"}},
                 element("table", {{"class", kind}}, "\n" + rows));
}

Html run_label(const Runs& runs, std::size_t run) {
  return (runs.size() == 1 ? Html() : series_mark(run, false)) + runs[run].name;
}

std::string interval_text(std::int64_t correct, std::int64_t total) {
  const Interval interval = wilson_interval(correct, total);
  return fixed(100 * interval.low, 2) + " to " + percent(interval.high);
}

std::string subject(const Runs& runs, std::size_t run) {
  return runs.size() == 1 ? "This run" : runs[run].name;
}

std::string why_untested(const Runs& runs, std::size_t run) {
  const bool diverged = runs[run].status == "diverged";
  return subject(runs, run) + (diverged ? " was not tested, since its training diverged."
                                        : " was not tested: it has no whole epoch yet.");
}

std::vector<std::size_t> tested(const Runs& runs) {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].test) result.push_back(i);
  }
  return result;
}

Html untested_notes(const Runs& runs) {
  Html notes;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!runs[i].test) notes += element("p", {{"class", "note"}}, why_untested(runs, i));
  }
  return notes;
}

std::string option_of(const StoredRun& run, const std::string& name) {
  for (const Setting& setting : run.config) {
    if (setting.name == name) return plain_value(setting);
  }
  return "\u2013";
}

}  // namespace mnist
