#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/loss_chart.h"
#include "report/numbers.h"
#include "report/views.h"

namespace mnist {
namespace {

using nlohmann::json;

bool has_validation(const RunRecord& run) {
  return std::any_of(run.history.begin(), run.history.end(),
                     [](const EpochResult& epoch) { return epoch.validation_loss.has_value(); });
}

/// The lines of a run: that of the training loss, and that of the validation loss if there is one.
/// A run alone has two colours; several have one each, and a dashed line for the validation loss,
/// which the legend does not name again.
std::vector<Series> lines_of(const Runs& runs, std::size_t index) {
  const RunRecord& run = runs[index];
  const bool alone = runs.size() == 1;
  std::vector<Series> lines{{alone ? "training" : run.name, index, false, true, {}}};
  if (has_validation(run)) {
    lines.push_back(
        {alone ? "validation" : run.name + " validation", alone ? 1 : index, true, alone, {}});
  }
  for (const EpochResult& epoch : run.history) {
    const auto number = static_cast<double>(epoch.epoch);
    lines.front().points.push_back({number, epoch.train_loss});
    if (lines.size() == 1) continue;
    lines.back().points.push_back({number, epoch.validation_loss.value_or(NAN)});
  }
  return lines;
}

/// "The training loss went from 0.864 in epoch 1 to 0.1835 in epoch 5."
std::string course_of(const Series& line) {
  std::vector<ChartPoint> points = line.points;
  std::erase_if(points, [](const ChartPoint& point) { return !std::isfinite(point.loss); });
  if (points.empty()) return "";
  const auto words = [](const ChartPoint& point) {
    return rounded(point.loss, 4) + " in epoch " + shortest(point.epoch);
  };
  const std::string first = words(points.front());
  if (points.size() == 1) return fmt::format("The {} loss was {}. ", line.name, first);
  return fmt::format("The {} loss went from {} to {}. ", line.name, first, words(points.back()));
}

/// Says which epoch had the lowest validation loss, if it was not the last.
std::string turning_point(const RunRecord& run) {
  const EpochResult* best = nullptr;
  for (const EpochResult& epoch : run.history) {
    if (!std::isfinite(epoch.validation_loss.value_or(NAN))) continue;
    if (best == nullptr || *epoch.validation_loss < *best->validation_loss) best = &epoch;
  }
  if (best == nullptr || best == &run.history.back()) return "";
  return fmt::format("It was lowest in epoch {}, at {}. ", best->epoch,
                     rounded(*best->validation_loss, 4));
}

/// The course of the learning rate, if it changes: "The learning rate was highest in epoch 3, at
/// 0.18, and ended at 0.0001. "
std::string course_of_rate(const RunRecord& run) {
  const auto highest = std::max_element(
      run.history.begin(), run.history.end(),
      [](const EpochResult& one, const EpochResult& other) { return one.lr < other.lr; });
  if (highest == run.history.end() || !highest->lr || !run.history.back().lr) return "";
  return fmt::format("The learning rate was highest in epoch {}, at {}, and ended at {}. ",
                     highest->epoch, rounded(*highest->lr, 2), rounded(*run.history.back().lr, 2));
}

/// What the chart lacks of a run.
std::string missing_epochs(const RunRecord& run, const std::string& subject) {
  if (std::none_of(run.history.begin(), run.history.end(),
                   [](const EpochResult& epoch) { return std::isfinite(epoch.train_loss); })) {
    return subject + " has no epoch with a finite loss on record. ";
  }
  const auto known = static_cast<std::int64_t>(run.history.size());
  if (known >= run.epochs) return "";
  return fmt::format("{} has only {} of its {} epochs on record. ", subject, grouped(known),
                     grouped(run.epochs));
}

}  // namespace

json curves_view(const Runs& runs) {
  std::vector<Series> lines;
  std::string words;
  bool validation = false;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    for (const Series& line : lines_of(runs, i)) {
      if (runs.size() == 1) words += course_of(line);
      validation = validation || line.dashed;
      lines.push_back(line);
    }
    if (runs.size() == 1) words += turning_point(runs[i]) + course_of_rate(runs[i]);
    words += missing_epochs(runs[i], subject(runs, i));
  }
  json view{{"description", words}, {"chart", loss_chart(lines)}, {"validation", validation}};
  if (validation && runs.size() > 1 && !view["chart"].is_null()) {
    words += "Solid lines are training, dashed ones validation. ";
  }
  view["words"] = words;
  return view;
}

}  // namespace mnist
