#include "digit/ink.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "digit/ground.h"
#include "image/statistics.h"

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
  return reaches_all_sides(box, shades, 1 + std::max(shades.width, shades.height) / 40);
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

/// Takes the lines of lined or squared paper away: thin rows and columns that are darker than the
/// noise from one side of the picture to the other. Where ink crosses a line, it is closed over the
/// gap. `distances` are from the paper to the side of the ink.
void remove_lines(Plane& distances, float noise) {
  remove_rows(distances, noise);
  Plane columns = transposed(distances);
  remove_rows(columns, noise);
  distances = transposed(columns);
}

/// What is as faint as this is paper: of the pixels that are away from ink, nearly all are fainter.
float floor_of(const Plane& distances, float full) {
  const BoxSums<1> ink(distances.width, distances.height, [&](std::int64_t x, std::int64_t y) {
    return std::array<double, 1>{distances.at(x, y) > full / 2 ? 1.0 : 0.0};
  });
  const std::int64_t edge = 1 + std::max(distances.width, distances.height) / 28;
  std::vector<float> paper;
  for (std::int64_t y = 0; y < distances.height; ++y) {
    for (std::int64_t x = 0; x < distances.width; ++x) {
      if (ink.around(x, y, edge)[0] == 0) paper.push_back(distances.at(x, y));
    }
  }
  return std::clamp(quantile(std::move(paper), 0.99), 0.0F, full / 2);
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
      for (const Run& run : region.runs) {
        for (std::int64_t x = run.begin; x < run.end; ++x) {
          ground.shade.at(x, run.row) += side * (broad.at(x, run.row) + ground.noise);
        }
      }
    }
  }
}

Relief relief_of(const Plane& shades, const Ground& ground) {
  Relief relief{shades, ground.noise};
  std::vector<float>& distances = relief.distances.pixels;
  double balance = 0;  // cubed, so that the few pixels of ink count for more than all of the paper
  double light = 0;
  for (std::size_t i = 0; i < distances.size(); ++i) {
    distances[i] -= ground.shade.pixels[i];
    balance += std::pow(distances[i], 3);
    light += ground.shade.pixels[i];
  }
  const auto even_light = static_cast<float>(light / static_cast<double>(distances.size()));
  for (std::size_t i = 0; i < distances.size(); ++i) {
    const float here = std::max(ground.shade.pixels[i], 0.0F) + 1;
    distances[i] *= (balance < 0 ? -1 : 1) * (even_light + 1) / here;
  }
  return relief;
}

float full_ink(const Relief& relief) {
  // In so many standard deviations no noise is expected among the million pixels of a picture; and
  // a few steps of 255 are not ink.
  const float least = 5 * std::max(relief.noise, 1.0F);
  std::vector<float> ink;
  const std::vector<float>& distances = relief.distances.pixels;
  std::copy_if(distances.begin(), distances.end(), std::back_inserter(ink),
               [least](float distance) { return distance > least; });
  return quantile(std::move(ink), 0.9);
}

Ink ink_of(Relief relief) {
  Relief without_lines = relief;
  remove_lines(without_lines.distances, relief.noise);
  float full = full_ink(without_lines);
  if (full > 0) {
    relief = std::move(without_lines);
  } else {  // nothing is left of a digit that fills the picture, such as an upright 1
    full = full_ink(relief);
  }
  const float floor = floor_of(relief.distances, full);
  for (float& amount : relief.distances.pixels) {
    amount = full == 0 ? 0 : std::max(0.0F, (amount - floor) / (full - floor));
  }
  return {std::move(relief.distances), full};
}

}  // namespace mnist
