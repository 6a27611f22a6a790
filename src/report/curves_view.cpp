#include <cmath>

#include "report/chart.h"
#include "report/views.h"

namespace mnist {
namespace {

using nlohmann::json;

/// A line for each run that has this value in some epoch.
template <typename Value>
std::vector<Series> lines_of(const Runs& runs, Value value_of) {
  std::vector<Series> lines;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Series line{runs[i].name, i, {}};
    bool has_value = false;
    for (const EpochResult& epoch : runs[i].history) {
      const std::optional<double> value = value_of(epoch);
      has_value = has_value || value;
      line.points.push_back({static_cast<double>(epoch.epoch), value.value_or(NAN)});
    }
    if (has_value) lines.push_back(line);
  }
  return lines;
}

}  // namespace

json curves_view(const Runs& runs) {
  std::vector<Series> training =
      lines_of(runs, [](const EpochResult& epoch) { return std::optional(epoch.train_loss); });
  std::vector<Series> validation =
      lines_of(runs, [](const EpochResult& epoch) { return epoch.validation_loss; });
  const std::vector<Series> rates =
      lines_of(runs, [](const EpochResult& epoch) { return epoch.lr; });
  json charts = json::array();
  const auto add = [&](const char* heading, const std::vector<Series>& lines) {
    if (json chart = line_chart(heading, lines); !chart.is_null()) charts.push_back(chart);
  };
  if (runs.size() == 1 && !validation.empty()) {
    training.front().name = "training";
    validation.front() = {"validation", 1, validation.front().points};
    add("Loss", {training.front(), validation.front()});
  } else {
    add("Training loss", training);
    add("Validation loss", validation);
  }
  add("Learning rate", rates);
  return charts.empty() ? json() : json{{"charts", charts}};
}

}  // namespace mnist
