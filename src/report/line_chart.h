#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/html.h"

namespace mnist {

struct ChartPoint {
  double x;
  double y;
};

/// A line of a chart. Where y is not a number from 1e-300 to 1e300 the line has a gap.
struct Series {
  std::string name;
  std::size_t style;  ///< the colour and the marker; 30 of them differ (see series_mark)
  bool dashed;        ///< with markers that are not filled
  bool in_legend;
  std::vector<ChartPoint> points;  ///< x in whole numbers that grow
};

struct LineChart {
  std::string title;        ///< for who cannot see it, as is the description
  std::string description;  ///< what the lines show
  std::string x_title;
  std::string y_title;
  std::vector<Series> series;
};

/// The chart as SVG with its legend, the y axis logarithmic; nothing if there is no point to show.
/// Colours are those of the CSS classes style-0 to style-5. Some points have tooltips.
Html line_chart(const LineChart& chart);

/// The classes of one of the six colours, which come round again.
std::string style_class(std::size_t style, bool dashed = false);

/// A bit of line with a marker, for legends and headings.
Html series_mark(std::size_t style, bool dashed);

/// Round numbers for an axis from `low` to `high`, 0 < low <= high; the first is at most `low`, the
/// last at least `high`. In a narrow range they are evenly spaced; in a wider one 1, 2, 5 times a
/// power of ten; in a wide one the powers alone.
std::vector<double> log_ticks(double low, double high);

/// The multiples of 1, 2 or 5 times a power of ten, and of no less than 1, that lie in [low, high]:
/// about 6 of them.
std::vector<double> whole_ticks(double low, double high);

}  // namespace mnist
