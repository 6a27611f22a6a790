#include "digit/clutter.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <vector>

#include "digit/ink.h"
#include "digit/regions.h"
#include "digit/statistics.h"

namespace mnist {
namespace {

Plane transposed(const Plane& plane) {
  Plane result(plane.height, plane.width);
  for (std::int64_t y = 0; y < plane.height; ++y) {
    for (std::int64_t x = 0; x < plane.width; ++x) result.at(y, x) = plane.at(x, y);
  }
  return result;
}

/// The extreme, by `is_before`, of the values at most `reach` columns away.
template <typename IsBefore>
Plane extremes_of_rows(const Plane& plane, std::int64_t reach, const IsBefore& is_before) {
  Plane result(plane.width, plane.height);
  for (std::int64_t y = 0; y < plane.height; ++y) {
    std::deque<std::int64_t> candidates;  // columns; each value comes after those to its left
    for (std::int64_t next = 0; next < plane.width + reach; ++next) {
      while (next < plane.width && !candidates.empty() &&
             !is_before(plane.at(candidates.back(), y), plane.at(next, y))) {
        candidates.pop_back();
      }
      if (next < plane.width) candidates.push_back(next);
      if (next < reach) continue;
      if (candidates.front() < next - 2 * reach) candidates.pop_front();
      result.at(next - reach, y) = plane.at(candidates.front(), y);
    }
  }
  return result;
}

template <typename IsBefore>
Plane extremes_of(const Plane& plane, std::int64_t reach, const IsBefore& is_before) {
  const Plane rows = transposed(extremes_of_rows(plane, reach, is_before));
  return transposed(extremes_of_rows(rows, reach, is_before));
}

/// Whether what stands out reaches all four sides, as a digit does in a picture of its own box.
bool is_cut_to_ink(const Plane& shades, const Ground& ground) {
  Plane distances = shades;
  for (std::size_t i = 0; i < distances.pixels.size(); ++i) {
    distances.pixels[i] = std::abs(shades.pixels[i] - ground.shade.pixels[i]);
  }
  const float most = *std::max_element(distances.pixels.begin(), distances.pixels.end());
  const Box box = box_of(distances, std::max(kTrace * most, 5 * ground.noise));
  const std::int64_t margin = std::max(shades.width, shades.height) / 40 + 1;  // where it is only a trace
  return box.left <= margin && box.top <= margin && box.right + margin >= shades.width &&
         box.bottom + margin >= shades.height;
}

/// Whether nearly all of a row is ink.
bool is_line(const Plane& plane, std::int64_t y, float noise) {
  const auto begin = plane.pixels.begin() + y * plane.width;
  const float faintest = quantile({begin, begin + plane.width}, 0.05);
  return faintest > noise + 2;
}

void remove_rows(Plane& plane, float noise) {
  constexpr std::int64_t kThinnest = 32;  // lines to the height of a picture
  std::vector<bool> line(plane.height);
  for (std::int64_t y = 0; y < plane.height; ++y) line[y] = is_line(plane, y, noise);
  for (std::int64_t begin = 0; begin < plane.height; ++begin) {
    if (!line[begin]) continue;
    std::int64_t end = begin;
    while (end < plane.height && line[end]) ++end;
    if ((end - begin) * kThinnest <= plane.height) {
      for (std::int64_t x = 0; x < plane.width; ++x) {
        const float above = begin > 0 ? plane.at(x, begin - 1) : 0;
        const float below = end < plane.height ? plane.at(x, end) : 0;
        for (std::int64_t y = begin; y < end; ++y) plane.at(x, y) = std::min(above, below);
      }
    }
    begin = end;
  }
}

}  // namespace

void add_shadows(const Plane& shades, Ground& ground) {
  const std::int64_t reach = std::max(shades.width, shades.height) / 6;
  if (is_cut_to_ink(shades, ground)) return;
  for (const float side : {-1.0F, 1.0F}) {
    Plane distances = shades;
    for (std::size_t i = 0; i < distances.pixels.size(); ++i) {
      const float distance = side * (distances.pixels[i] - ground.shade.pixels[i]);
      distances.pixels[i] = std::max(0.0F, distance - ground.noise);
    }
    const Plane least = extremes_of(distances, reach, std::less<>());
    const Plane broad = extremes_of(least, reach, std::greater<>());
    for (const Region& region : regions_of(broad, 0)) {
      if (!region.is_ink || !touches_border(region.box, shades)) continue;
      for (const std::size_t pixel : region.pixels) {
        ground.shade.pixels[pixel] += side * (broad.pixels[pixel] + ground.noise);
      }
    }
  }
}

void remove_lines(Plane& distances, float noise) {
  remove_rows(distances, noise);
  Plane columns = transposed(distances);
  remove_rows(columns, noise);
  distances = transposed(columns);
}

}  // namespace mnist
