#include <cmath>
#include <optional>

#include "report/chart.h"
#include "report/views.h"

namespace mnist {
namespace {

using nlohmann::json;

/// A line for each run; it has gaps in epochs without the value.
template <typename Value>
std::vector<Series> lines_of(const Runs& runs, Value value_of) {
  std::vector<Series> lines;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    lines.push_back({runs[i].name, i, {}});
    for (const EpochResult& epoch : runs[i].history) {
      const std::optional<double> value = value_of(epoch);
      lines.back().points.push_back({static_cast<double>(epoch.epoch), value.value_or(NAN)});
    }
  }
  return lines;
}

}  // namespace

json curves_view(const Runs& runs) {
  auto training = lines_of(runs, [](const EpochResult& epoch) { return epoch.train_loss; });
  const auto validation =
      lines_of(runs, [](const EpochResult& epoch) { return epoch.validation_loss; });
  const auto rates = lines_of(runs, [](const EpochResult& epoch) { return epoch.lr; });
  json charts = json::array();
  const auto add = [&](const char* heading, const std::vector<Series>& lines) {
    if (json chart = line_chart(heading, lines); !chart.is_null()) charts.push_back(chart);
  };
  if (runs.size() == 1) {
    training.front().name = "training";
    add("Loss", {training.front(), {"validation", 1, validation.front().points}});
  } else {
    add("Training loss", training);
    add("Validation loss", validation);
  }
  add("Learning rate", rates);
  return charts.empty() ? json() : json{{"charts", charts}};
}

}  // namespace mnist
