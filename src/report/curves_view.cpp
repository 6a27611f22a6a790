#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "base/text.h"
#include "report/numbers.h"
#include "report/views.h"

namespace mnist {
namespace {

using nlohmann::json;

// The frame of a chart in its SVG picture; report.html draws it.
constexpr double kLeft = 64;
constexpr double kRight = 704;
constexpr double kTop = 12;
constexpr double kBottom = 250;

struct Point {
  double epoch;
  double value;
};

/// A line of a chart.
struct Series {
  std::string name;
  std::size_t style;          ///< see style_class()
  std::vector<Point> points;  ///< in the order of the epochs
};

/// Where epochs and values lie in the picture.
struct Plot {
  double first_epoch;
  double last_epoch;
  std::vector<double> ticks;  ///< of the values; the axis goes from the first to the last of them

  std::string x(double epoch) const {
    const double share = (epoch - first_epoch) / (last_epoch - first_epoch);
    return fixed(kLeft + share * (kRight - kLeft), 1);
  }
  std::string y(double value) const {
    const double share = std::log(value / ticks.front()) / std::log(ticks.back() / ticks.front());
    return fixed(kBottom - share * (kBottom - kTop), 1);
  }
};

/// A line of a chart of so many. It has some 60 markers at most for all of them, counted from the
/// last point of each.
json line_view(const Plot& plot, const Series& series, std::size_t lines) {
  const std::size_t most = std::max<std::size_t>(6, 60 / lines);
  const std::size_t count = series.points.size();
  const std::size_t every = (count + most - 1) / most;
  std::string path;
  json markers = json::array();
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [epoch, value] = series.points[i];
    path += (i == 0 ? "M" : "L") + plot.x(epoch) + "," + plot.y(value);
    if ((count - 1 - i) % every != 0) continue;
    markers.push_back({{"x", plot.x(epoch)},
                       {"y", plot.y(value)},
                       {"tooltip", fmt::format("{}, epoch {}: {}", series.name, shortest(epoch),
                                               rounded(value, 4))}});
  }
  return {{"name", series.name},
          {"style", style_class(series.style)},
          {"path", path},
          {"markers", markers}};
}

/// Adds a chart over epochs with a logarithmic axis, if there is a point to show.
void add_chart(json& charts, const std::string& heading, std::vector<Series> lines) {
  std::erase_if(lines, [](const Series& series) { return series.points.empty(); });
  if (lines.empty()) return;
  std::vector<Point> points;
  for (const Series& series : lines) std::ranges::copy(series.points, std::back_inserter(points));
  const auto [first, last] = std::ranges::minmax(points, {}, &Point::epoch);
  const auto [low, high] = std::ranges::minmax(points, {}, &Point::value);
  const double margin = first.epoch < last.epoch ? 0.0 : 0.5;  // a single epoch is in the middle
  const Plot plot{first.epoch - margin, last.epoch + margin, log_ticks(low.value, high.value)};

  json chart{{"heading", heading}};
  for (const double tick : plot.ticks) {
    chart["value_ticks"].push_back({{"y", plot.y(tick)}, {"tick", rounded(tick, 6)}});
  }
  for (const double tick : whole_ticks(plot.first_epoch, plot.last_epoch, 8)) {
    chart["epoch_ticks"].push_back({{"x", plot.x(tick)}, {"tick", shortest(tick)}});
  }
  for (const Series& series : lines) {
    chart["series"].push_back(line_view(plot, series, lines.size()));
  }
  charts.push_back(chart);
}

/// A line for each run, of the values that a logarithmic axis can show.
template <typename Value>
std::vector<Series> lines_of(const Runs& runs, Value EpochResult::*member) {
  std::vector<Series> lines;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    lines.push_back({runs[i].name, i, {}});
    for (const EpochResult& epoch : runs[i].history) {
      const std::optional<double> value = epoch.*member;
      if (!value || !(*value >= 1e-100 && *value <= 1e100)) continue;
      lines.back().points.push_back({static_cast<double>(epoch.epoch), *value});
    }
  }
  return lines;
}

}  // namespace

json curves_view(const Runs& runs) {
  const auto training = lines_of(runs, &EpochResult::train_loss);
  const auto validation = lines_of(runs, &EpochResult::validation_loss);
  json charts = json::array();
  if (runs.size() == 1) {
    add_chart(charts, "Loss",
              {{"training", 0, training[0].points}, {"validation", 1, validation[0].points}});
  } else {
    add_chart(charts, "Training loss", training);
    add_chart(charts, "Validation loss", validation);
  }
  add_chart(charts, "Learning rate", lines_of(runs, &EpochResult::lr));
  return charts.empty() ? json() : json{{"charts", charts}};
}

}  // namespace mnist
