#include "digit/sheet.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <optional>
#include <utility>

namespace mnist {
namespace {

/// The pixels that are between the first and the last one of each column.
std::int64_t spanned_by_columns(const Region& region) {
  std::vector<std::int64_t> tops(region.box.width(), -1);
  std::vector<std::int64_t> bottoms(region.box.width());
  for (const Run& run : region.runs) {
    for (std::int64_t x = run.begin - region.box.left; x < run.end - region.box.left; ++x) {
      if (tops[x] < 0) tops[x] = run.row;
      bottoms[x] = run.row + 1;
    }
  }
  return std::accumulate(bottoms.begin(), bottoms.end(), std::int64_t{0}) -
         std::accumulate(tops.begin(), tops.end(), std::int64_t{0});
}

/// The area of the quadrilateral between the middles of the region's first and last row and first
/// and last column. If it is a turned rectangle, these are its corners.
double area_between_extremes(const Region& region) {
  const Box& box = region.box;
  const auto middle = [&](auto is_extreme, auto place) {
    double sum = 0;
    double count = 0;
    for (const Run& run : region.runs) {
      if (!is_extreme(run)) continue;
      sum += place(run);
      count += 1;
    }
    return sum / count;
  };
  const auto row = [](const Run& run) { return static_cast<double>(run.row); };
  const auto column = [](const Run& run) { return static_cast<double>(run.begin + run.end) / 2; };
  const double top = middle([&](const Run& run) { return run.row == box.top; }, column);
  const double bottom = middle([&](const Run& run) { return run.row + 1 == box.bottom; }, column);
  const double left = middle([&](const Run& run) { return run.begin == box.left; }, row);
  const double right = middle([&](const Run& run) { return run.end == box.right; }, row);
  // Half the cross product of the diagonals.
  return std::abs((bottom - top) * (right - left) -
                  static_cast<double>(box.height() * box.width())) /
         2;
}

/// The largest convex function that is nowhere above the values.
std::vector<double> convex_below(const std::vector<std::int64_t>& values) {
  std::vector<std::size_t> corners;
  const auto slope = [&](std::size_t from, std::size_t to) {
    return static_cast<double>(values[to] - values[from]) / static_cast<double>(to - from);
  };
  for (std::size_t i = 0; i < values.size(); ++i) {
    while (corners.size() >= 2 &&
           slope(corners[corners.size() - 2], corners.back()) >= slope(corners.back(), i)) {
      corners.pop_back();
    }
    corners.push_back(i);
  }
  std::vector<double> result{static_cast<double>(values.front())};
  for (std::size_t c = 0; c + 1 < corners.size(); ++c) {
    for (std::size_t i = corners[c] + 1; i <= corners[c + 1]; ++i) {
      result.push_back(result.back() + slope(corners[c], corners[c + 1]));
    }
  }
  return result;
}

/// The convex hull of a region: from where to where it goes in each row of the region's box.
struct Hull {
  std::vector<double> begins, ends;
};

Hull hull_of(const Region& region) {
  const Box& box = region.box;
  std::vector<std::int64_t> begins(box.height(), box.right);
  std::vector<std::int64_t> ends(box.height(), -box.left);  // negative, so that the hull is below
  for (const Run& run : region.runs) {
    std::int64_t& begin = begins[run.row - box.top];
    std::int64_t& end = ends[run.row - box.top];
    begin = std::min(begin, run.begin);
    end = std::min(end, -run.end);
  }
  Hull hull{convex_below(begins), convex_below(ends)};
  for (double& end : hull.ends) end = -end;
  return hull;
}

/// Whether the region is a turned rectangle that is nearly all paper: convex, and with four
/// corners.
bool is_turned_rectangle(const Region& region, double spanned) {
  constexpr double kConvex = 0.95;
  constexpr double kCorners = 0.9;
  constexpr double kPaper = 0.8;
  const Hull hull = hull_of(region);
  const double area = std::accumulate(hull.ends.begin(), hull.ends.end(), 0.0) -
                      std::accumulate(hull.begins.begin(), hull.begins.end(), 0.0);
  return spanned > kConvex * area && area_between_extremes(region) > kCorners * area &&
         static_cast<double>(region.area) > kPaper * area;
}

/// Whether the region is a rectangle inside the picture, upright or turned, with something on it.
bool is_sheet(const Region& region, const Plane& picture) {
  constexpr double kUpright = 0.9;
  constexpr double kContent = 0.002;
  const Box& box = region.box;
  if (touches_border(box, picture)) return false;
  if (2 * box.width() < picture.width || 2 * box.height() < picture.height) return false;
  const auto box_area = static_cast<double>(box.width() * box.height());
  const auto spanned = static_cast<double>(std::min(region.spanned, spanned_by_columns(region)));
  const bool has_content = spanned - static_cast<double>(region.area) > kContent * box_area;
  return has_content && (spanned > kUpright * box_area || is_turned_rectangle(region, spanned));
}

/// The convex hull of the region without its edge.
Sheet to_sheet(const Region& region) {
  const Box& box = region.box;
  const Hull hull = hull_of(region);
  const std::int64_t edge = 1 + std::min(box.width(), box.height()) / 100;
  Sheet sheet;
  for (std::int64_t y = edge; y + edge < box.height(); ++y) {
    const double begin = std::max(hull.begins[y - edge], hull.begins[y + edge]);
    const double end = std::min(hull.ends[y - edge], hull.ends[y + edge]);
    const Run run{box.top + y, std::llround(begin) + edge, std::llround(end) - edge};
    if (run.begin < run.end) sheet.push_back(run);
  }
  return sheet;
}

}  // namespace

Sheet sheet_of(const Plane& values, std::initializer_list<float> thresholds) {
  std::optional<Region> smallest;
  for (const float threshold : thresholds) {
    for (Region& region : regions_of(values, threshold)) {
      if (!is_sheet(region, values)) continue;
      if (!smallest || region.box.width() < smallest->box.width()) smallest = std::move(region);
    }
  }
  return smallest ? to_sheet(*smallest) : Sheet{};
}

Box box_of(const Sheet& sheet, const Place& found) {
  Box box{sheet.front().begin, sheet.front().row, sheet.front().end, sheet.back().row + 1};
  for (const Run& run : sheet) {
    box.left = std::min(box.left, run.begin);
    box.right = std::max(box.right, run.end);
  }
  return {found.left + box.left * found.reduction, found.top + box.top * found.reduction,
          found.left + box.right * found.reduction, found.top + box.bottom * found.reduction};
}

void fill_beside(const Sheet& sheet, const Place& found, const Place& place, Plane& shades) {
  constexpr std::int64_t kEdge = 4;
  const auto column = [&](std::int64_t x) {
    return (found.left + x * found.reduction - place.left) / place.reduction;
  };
  for (std::int64_t y = 0; y < shades.height; ++y) {
    const std::int64_t row =
        (place.top + y * place.reduction - found.top) / found.reduction - sheet.front().row;
    const Run& run = sheet[std::clamp(row, std::int64_t{0}, std::ssize(sheet) - 1)];
    const std::int64_t begin = std::clamp(column(run.begin), std::int64_t{0}, shades.width - 1);
    const std::int64_t end = std::clamp(column(run.end), begin + 1, shades.width);
    const auto fill = [&](std::int64_t from, std::int64_t to, std::int64_t edge_begin,
                          std::int64_t edge_end) {
      float sum = 0;
      for (std::int64_t x = edge_begin; x < edge_end; ++x) sum += shades.at(x, y);
      for (std::int64_t x = from; x < to; ++x) {
        shades.at(x, y) = sum / static_cast<float>(edge_end - edge_begin);
      }
    };
    fill(0, begin, begin, std::min(begin + kEdge, end));
    fill(end, shades.width, std::max(begin, end - kEdge), end);
  }
}

}  // namespace mnist
