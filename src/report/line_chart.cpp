#include "report/line_chart.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace mnist {
namespace {

// Where the axis of a picture 720 wide and 400 high lies.
constexpr double kPlotLeft = 64;
constexpr double kPlotRight = 704;
constexpr double kPlotTop = 48;
constexpr double kPlotBottom = 340;

constexpr double kSmallest = 1e-300;
constexpr double kLargest = 1e300;

bool can_be_shown(double y) { return y >= kSmallest && y <= kLargest; }

/// digits * 10^exponent. Unlike a product with a negative power a quotient is the double nearest to
/// the decimal number, which then prints short.
double decimal(double digits, int exponent) {
  return exponent < 0 ? digits / std::pow(10.0, -exponent) : digits * std::pow(10.0, exponent);
}

/// 1, 2 or 5 times a power of ten.
struct Step {
  int digit;
  int exponent;
  double multiple(double times) const { return decimal(times * digit, exponent); }
};

/// The smallest that divides `length` into at most 8.
Step step_for(double length) {
  constexpr double kMostParts = 8;
  int exponent = static_cast<int>(std::floor(std::log10(length / kMostParts)));
  for (;; ++exponent) {
    for (const int digit : {1, 2, 5}) {
      if (length <= kMostParts * decimal(digit, exponent)) return {digit, exponent};
    }
  }
}

/// The fewest neighbours in `candidates` that span [low, high].
std::vector<double> spanning(const std::vector<double>& candidates, double low, double high) {
  auto first = std::upper_bound(candidates.begin(), candidates.end(), low) - 1;
  auto last = std::lower_bound(first, candidates.end(), high);
  if (first == last) {  // an axis needs a length
    --first;
    ++last;
  }
  return {first, last + 1};
}

std::vector<double> even_ticks(double low, double high) {
  const Step step = step_for(high - low);
  std::vector<double> candidates;
  const double first = std::floor(low / step.multiple(1)) - 1;
  for (double times = first; candidates.empty() || candidates.back() < high; ++times) {
    candidates.push_back(step.multiple(times));
  }
  return spanning(candidates, low, high);
}

struct Plot {
  double low_x;
  double high_x;
  std::vector<double> ticks;  ///< of the y axis, which ends at the outer ones

  double x(double value) const {
    return kPlotLeft + (value - low_x) / (high_x - low_x) * (kPlotRight - kPlotLeft);
  }
  double y(double value) const {
    const double height = std::log(ticks.back()) - std::log(ticks.front());
    return kPlotBottom -
           (std::log(value) - std::log(ticks.front())) / height * (kPlotBottom - kPlotTop);
  }
};

std::string coordinate(double pixels) { return fixed(pixels, 1); }

Html svg_text(double x, double y, const char* anchor, const std::string& text) {
  return element("text",
                 {{"x", coordinate(x)},
                  {"y", coordinate(y)},
                  {"dy", "0.35em"},  // centred, whatever the size of the letters
                  {"text-anchor", anchor}},
                 text);
}

Html line(double x1, double y1, double x2, double y2, const char* kind) {
  return element("line",
                 {{"class", kind},
                  {"x1", coordinate(x1)},
                  {"y1", coordinate(y1)},
                  {"x2", coordinate(x2)},
                  {"y2", coordinate(y2)}},
                 {});
}

/// Of a size at which all look equally large.
Html marker(double x, double y, std::size_t style, const Html& tooltip) {
  constexpr std::array<const char*, 5> kShapes{
      "m-3.5,0a3.5,3.5 0 1 0 7,0a3.5,3.5 0 1 0 -7,0z", "m-3.2,-3.2h6.4v6.4h-6.4z",
      "m0,-4.4l4.2,7.2h-8.4z", "m0,-4.6l4.6,4.6l-4.6,4.6l-4.6,-4.6z", "m0,4.4l4.2,-7.2h-8.4z"};
  const std::string place = "M" + coordinate(x) + "," + coordinate(y);
  return element("path", {{"class", "marker"}, {"d", place + kShapes[style % kShapes.size()]}},
                 tooltip);
}

Html axes(const Plot& plot, const LineChart& chart) {
  Html result;
  for (const double tick : plot.ticks) {
    result += line(kPlotLeft, plot.y(tick), kPlotRight, plot.y(tick), "grid");
    result += svg_text(kPlotLeft - 8, plot.y(tick), "end", rounded(tick, 6));
  }
  result += line(kPlotLeft, kPlotBottom, kPlotRight, kPlotBottom, "axis");
  for (const double tick : whole_ticks(plot.low_x, plot.high_x)) {
    result += line(plot.x(tick), kPlotBottom, plot.x(tick), kPlotBottom + 5, "axis");
    result += svg_text(plot.x(tick), kPlotBottom + 20, "middle", shortest(tick));
  }
  result += svg_text(8, 12, "start", chart.y_title);
  result += svg_text(kPlotRight, kPlotBottom + 46, "end", chart.x_title);
  return result;
}

/// The pieces between its gaps; one that is a single point is a dot, by the line of no length.
Html curve(const Plot& plot, const Series& series) {
  std::string path;
  bool pen_down = false;
  for (const ChartPoint& point : series.points) {
    const bool shown = can_be_shown(point.y);
    if (shown) {
      path += (pen_down ? "L" : "M") + coordinate(plot.x(point.x)) + "," +
              coordinate(plot.y(point.y)) + (pen_down ? "" : "h0");
    }
    pen_down = shown;
  }
  return element("path", {{"class", "curve"}, {"d", path}}, {});
}

/// Every so many points have a marker, so that some 60 are in the chart, and the last has one.
Html markers(const Plot& plot, const Series& series, const std::string& x_title,
             std::size_t lines) {
  const std::size_t most = std::max<std::size_t>(6, 60 / lines);
  const std::size_t every = (series.points.size() + most - 1) / most;
  Html result;
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    const ChartPoint& point = series.points[i];
    if (!can_be_shown(point.y)) continue;
    if ((series.points.size() - 1 - i) % every != 0) continue;
    const std::string tooltip =
        series.name + ", " + x_title + " " + shortest(point.x) + ": " + rounded(point.y, 4);
    result += marker(plot.x(point.x), plot.y(point.y), series.style, element("title", {}, tooltip));
  }
  return result;
}

Html legend(const LineChart& chart) {
  Html items;
  for (const Series& series : chart.series) {
    if (!series.in_legend) continue;
    items += element("li", {}, series_mark(series.style, series.dashed) + series.name);
  }
  return element("ul", {{"class", "legend"}}, items);
}

}  // namespace

std::string style_class(std::size_t style, bool dashed) {
  constexpr std::size_t kColors = 6;
  return "style-" + std::to_string(style % kColors) + (dashed ? " dashed" : "");
}

std::vector<double> log_ticks(double low, double high) {
  constexpr double kNarrow = 2;
  constexpr int kManyDecades = 3;
  constexpr int kMostLabels = 8;
  if (low < high && high < kNarrow * low) return even_ticks(low, high);
  const int first = static_cast<int>(std::floor(std::log10(low))) - 1;
  const int last = static_cast<int>(std::ceil(std::log10(high))) + 1;
  const int decades = last - first - 2;
  std::vector<double> candidates;
  const int every = decades / kMostLabels + 1;
  for (int exponent = first; exponent < last + every; exponent += every) {
    candidates.push_back(decimal(1, exponent));
    if (decades > kManyDecades) continue;
    candidates.push_back(decimal(2, exponent));
    candidates.push_back(decimal(5, exponent));
  }
  return spanning(candidates, low, high);
}

std::vector<double> whole_ticks(double low, double high) {
  const Step step = step_for(std::max(high - low, 1.0));
  const double length = std::max(step.multiple(1), 1.0);
  std::vector<double> ticks;
  for (double tick = std::ceil(low / length) * length; tick <= high; tick += length) {
    ticks.push_back(tick);
  }
  return ticks;
}

Html series_mark(std::size_t style, bool dashed) {
  const Html bit = element("path", {{"class", "curve"}, {"d", "M0,7L32,7"}}, {});
  return element("svg",
                 {{"class", "mark " + style_class(style, dashed)},
                  {"viewBox", "0 0 32 14"},
                  {"aria-hidden", "true"}},
                 bit + marker(16, 7, style, {}));
}

Html line_chart(const LineChart& chart) {
  std::vector<double> xs;
  std::vector<double> ys;
  for (const Series& series : chart.series) {
    for (const ChartPoint& point : series.points) {
      if (!can_be_shown(point.y)) continue;
      xs.push_back(point.x);
      ys.push_back(point.y);
    }
  }
  if (ys.empty()) return {};
  const auto [low_x, high_x] = std::minmax_element(xs.begin(), xs.end());
  const auto [low_y, high_y] = std::minmax_element(ys.begin(), ys.end());
  const double margin = *low_x < *high_x ? 0.0 : 0.5;  // a single epoch lies in the middle
  const Plot plot{*low_x - margin, *high_x + margin, log_ticks(*low_y, *high_y)};
  Html content = element("title", {}, chart.title) + element("desc", {}, chart.description) +
                 axes(plot, chart);
  for (const Series& series : chart.series) {
    content +=
        element("g", {{"class", style_class(series.style, series.dashed)}},
                curve(plot, series) + markers(plot, series, chart.x_title, chart.series.size()));
  }
  return element("svg", {{"class", "chart"}, {"viewBox", "0 0 720 400"}, {"role", "img"}},
                 content) +
         legend(chart);
}

}  // namespace mnist
