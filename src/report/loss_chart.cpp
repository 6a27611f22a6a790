#include "report/loss_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "report/numbers.h"

namespace mnist {
namespace {

using nlohmann::json;

// The frame of the plot; report.html draws it.
constexpr double kLeft = 64;
constexpr double kRight = 704;
constexpr double kTop = 48;
constexpr double kBottom = 340;

bool can_be_shown(const ChartPoint& point) { return point.loss >= 1e-300 && point.loss <= 1e300; }

std::string coordinate(double pixels) { return fixed(pixels, 1); }

/// Where epochs and losses lie in the picture.
struct Plot {
  double first_epoch;
  double last_epoch;
  std::vector<double> ticks;  ///< of the losses; the axis goes from the first to the last of them

  std::string x(double epoch) const {
    return coordinate(kLeft +
                      (epoch - first_epoch) / (last_epoch - first_epoch) * (kRight - kLeft));
  }
  std::string y(double loss) const {
    const double bottom = std::log(ticks.front());
    const double height = std::log(ticks.back()) - bottom;
    return coordinate(kBottom - (std::log(loss) - bottom) / height * (kBottom - kTop));
  }
  std::string at(const ChartPoint& point) const { return x(point.epoch) + "," + y(point.loss); }
};

/// A path for each shape, of sizes at which all of them look equally large.
std::string marker(const std::string& at, std::size_t style) {
  constexpr std::array<const char*, 5> kShapes{
      "m-3.5,0a3.5,3.5 0 1 0 7,0a3.5,3.5 0 1 0 -7,0z", "m-3.2,-3.2h6.4v6.4h-6.4z",
      "m0,-4.4l4.2,7.2h-8.4z", "m0,-4.6l4.6,4.6l-4.6,4.6l-4.6,-4.6z", "m0,4.4l4.2,-7.2h-8.4z"};
  return "M" + at + kShapes.at(style % kShapes.size());
}

/// The line, in pieces between its gaps. A piece that is a single point is shown as a dot, since
/// each piece begins with a line of no length.
std::string curve(const Plot& plot, const Series& series) {
  std::string path;
  bool pen_is_down = false;
  for (const ChartPoint& point : series.points) {
    const bool shown = can_be_shown(point);
    if (shown) path += pen_is_down ? "L" + plot.at(point) : "M" + plot.at(point) + "h0";
    pen_is_down = shown;
  }
  return path;
}

/// Each point has a marker, unless the lines of the chart would then have more than some 60; then
/// every second has one, or every third, and so on, counted from the last.
json markers(const Plot& plot, const Series& series, std::size_t lines) {
  const std::size_t most = std::max<std::size_t>(6, 60 / lines);
  const std::size_t count = series.points.size();
  const std::size_t every = (count + most - 1) / most;
  json result = json::array();
  for (std::size_t i = 0; i < count; ++i) {
    const ChartPoint& point = series.points[i];
    if (!can_be_shown(point) || (count - 1 - i) % every != 0) continue;
    result.push_back({{"path", marker(plot.at(point), series.style)},
                      {"tooltip", fmt::format("{}, epoch {}: {}", series.name,
                                              shortest(point.epoch), rounded(point.loss, 4))}});
  }
  return result;
}

}  // namespace

std::string style_class(std::size_t style, bool dashed) {
  constexpr std::size_t kColors = 6;
  return "style-" + std::to_string(style % kColors) + (dashed ? " dashed" : "");
}

json series_mark(std::size_t style, bool dashed) {
  return {{"style", style_class(style, dashed)}, {"marker", marker("16.0,7.0", style)}};
}

json loss_chart(const std::vector<Series>& lines) {
  std::vector<double> epochs;
  std::vector<double> losses;
  for (const Series& series : lines) {
    for (const ChartPoint& point : series.points) {
      if (!can_be_shown(point)) continue;
      epochs.push_back(point.epoch);
      losses.push_back(point.loss);
    }
  }
  if (losses.empty()) return nullptr;
  const auto [first, last] = std::minmax_element(epochs.begin(), epochs.end());
  const auto [low, high] = std::minmax_element(losses.begin(), losses.end());
  const double margin = *first < *last ? 0.0 : 0.5;  // a single epoch lies in the middle
  const Plot plot{*first - margin, *last + margin, log_ticks(*low, *high)};

  json chart{{"loss_ticks", json::array()},
             {"epoch_ticks", json::array()},
             {"series", json::array()},
             {"legend", json::array()}};
  for (const double tick : plot.ticks) {
    chart["loss_ticks"].push_back({{"y", plot.y(tick)}, {"tick", rounded(tick, 6)}});
  }
  for (const double tick : whole_ticks(plot.first_epoch, plot.last_epoch)) {
    chart["epoch_ticks"].push_back({{"x", plot.x(tick)}, {"tick", shortest(tick)}});
  }
  for (const Series& series : lines) {
    chart["series"].push_back({{"style", style_class(series.style, series.dashed)},
                               {"path", curve(plot, series)},
                               {"markers", markers(plot, series, lines.size())}});
    if (!series.in_legend) continue;
    chart["legend"].push_back(
        {{"mark", series_mark(series.style, series.dashed)}, {"name", series.name}});
  }
  return chart;
}

}  // namespace mnist
