#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace mnist {

struct ChartPoint {
  double epoch;  ///< a whole number
  double loss;   ///< nats
};

/// A line of a chart. It has a gap where a loss is not a number from 1e-300 to 1e300.
struct Series {
  std::string name;
  std::size_t style;  ///< of the colour and the marker: see series_mark()
  bool dashed;        ///< and with markers that are not filled
  bool in_legend;
  std::vector<ChartPoint> points;  ///< in the order of the epochs
};

/// A chart of losses over epochs with a logarithmic axis, as positions in an SVG picture 720 wide
/// and 400 high: {loss_ticks: [{y, tick}], epoch_ticks: [{x, tick}], series: [{style, path,
/// markers: [{path, tooltip}]}], legend: [{mark, name}]}, where paths are values of the attribute
/// `d`. Null if there is no point to show.
nlohmann::json loss_chart(const std::vector<Series>& lines);

/// The CSS classes of a series: one of six colours, "style-0" to "style-5", which come round again.
std::string style_class(std::size_t style, bool dashed = false);

/// A short piece of a line with its marker, for legends and headings: {style, marker}, of which the
/// second is a path in a picture 32 wide and 14 high. The marks of 30 styles differ.
nlohmann::json series_mark(std::size_t style, bool dashed);

}  // namespace mnist
