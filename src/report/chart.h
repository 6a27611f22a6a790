#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace mnist {

struct ChartPoint {
  double epoch;  ///< a whole number
  double value;
};

/// A line of a chart. It has a gap where a value is not a number from 1e-100 to 1e100.
struct Series {
  std::string name;
  std::size_t style;               ///< see style_class()
  std::vector<ChartPoint> points;  ///< in the order of the epochs
};

/// A chart of positive values over epochs with a logarithmic axis, as positions in an SVG picture
/// 720 wide and 300 high: {heading, value_ticks: [{y, tick}], epoch_ticks: [{x, tick}], series:
/// [{name, style, path, markers: [{x, y, tooltip}]}]}, where a path is a value of the attribute
/// `d`. A line without a point to show is left out; null if all are.
nlohmann::json line_chart(const std::string& heading, const std::vector<Series>& lines);

/// The CSS classes of a line, of six colors and five patterns of dashes: "color-0 dash-0". They
/// differ for 30 lines.
std::string style_class(std::size_t style);

}  // namespace mnist
