#include "report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/text.h"
#include "report/numbers.h"

namespace mnist {
namespace {

using nlohmann::json;

// The frame of the plot; report.html draws it.
constexpr double kLeft = 64;
constexpr double kRight = 704;
constexpr double kTop = 12;
constexpr double kBottom = 250;

bool can_be_shown(const ChartPoint& point) { return point.value >= 1e-100 && point.value <= 1e100; }

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

/// The line, in pieces between its gaps.
std::string curve(const Plot& plot, const Series& series) {
  std::string path;
  bool pen_is_down = false;
  for (const ChartPoint& point : series.points) {
    const bool is_shown = can_be_shown(point);
    if (is_shown)
      path += (pen_is_down ? "L" : "M") + plot.x(point.epoch) + "," + plot.y(point.value);
    pen_is_down = is_shown;
  }
  return path;
}

/// Some 60 markers at most for all lines of a chart, counted from the last point of each.
json markers(const Plot& plot, const Series& series, std::size_t lines) {
  const std::size_t most = std::max<std::size_t>(6, 60 / lines);
  const std::size_t count = series.points.size();
  const std::size_t every = (count + most - 1) / most;
  json result = json::array();
  for (std::size_t i = 0; i < count; ++i) {
    const ChartPoint& point = series.points[i];
    if (!can_be_shown(point) || (count - 1 - i) % every != 0) continue;
    result.push_back({{"x", plot.x(point.epoch)},
                      {"y", plot.y(point.value)},
                      {"tooltip", fmt::format("{}, epoch {}: {}", series.name,
                                              shortest(point.epoch), rounded(point.value, 4))}});
  }
  return result;
}

}  // namespace

std::string style_class(std::size_t style) {
  return fmt::format("color-{} dash-{}", style % 6, style % 5);
}

json line_chart(const std::string& heading, const std::vector<Series>& lines) {
  std::vector<ChartPoint> points;
  for (const Series& series : lines) {
    std::ranges::copy_if(series.points, std::back_inserter(points), can_be_shown);
  }
  if (points.empty()) return nullptr;
  const auto [first, last] = std::ranges::minmax(points, {}, &ChartPoint::epoch);
  const auto [low, high] = std::ranges::minmax(points, {}, &ChartPoint::value);
  const double margin = first.epoch < last.epoch ? 0.0 : 0.5;  // a single epoch is in the middle
  const Plot plot{first.epoch - margin, last.epoch + margin, log_ticks(low.value, high.value)};

  json chart{{"heading", heading},
             {"value_ticks", json::array()},
             {"epoch_ticks", json::array()},
             {"series", json::array()}};
  for (const double tick : plot.ticks) {
    chart["value_ticks"].push_back({{"y", plot.y(tick)}, {"tick", rounded(tick, 6)}});
  }
  for (const double tick : whole_ticks(plot.first_epoch, plot.last_epoch, 8)) {
    chart["epoch_ticks"].push_back({{"x", plot.x(tick)}, {"tick", shortest(tick)}});
  }
  for (const Series& series : lines) {
    if (std::ranges::none_of(series.points, can_be_shown)) continue;
    chart["series"].push_back({{"name", series.name},
                               {"style", style_class(series.style)},
                               {"path", curve(plot, series)},
                               {"markers", markers(plot, series, lines.size())}});
  }
  return chart;
}

}  // namespace mnist
