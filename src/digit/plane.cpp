#include "digit/plane.h"

#include <algorithm>
#include <utility>

namespace mnist {
namespace {

/// Pixels of one region, by their indices: from `first`, all that are joined to it.
std::vector<std::size_t> spread_from(std::size_t first, const Plane& ink, float least,
                                     std::vector<bool>& is_seen) {
  const bool is_ink = ink.pixels[first] > least;
  std::vector<std::size_t> pixels{first};
  is_seen[first] = true;
  for (std::size_t next = 0; next < pixels.size(); ++next) {
    const auto x = static_cast<std::int64_t>(pixels[next]) % ink.width;
    const auto y = static_cast<std::int64_t>(pixels[next]) / ink.width;
    for (std::int64_t dy = -1; dy <= 1; ++dy) {
      for (std::int64_t dx = -1; dx <= 1; ++dx) {
        if (!is_ink && dx != 0 && dy != 0) continue;
        if (x + dx < 0 || x + dx >= ink.width || y + dy < 0 || y + dy >= ink.height) continue;
        const std::size_t other = ink.index(x + dx, y + dy);
        if (is_seen[other] || (ink.pixels[other] > least) != is_ink) continue;
        is_seen[other] = true;
        pixels.push_back(other);
      }
    }
  }
  return pixels;
}

/// The number of pixels that are between the first and the last one of any row, where `position`
/// gives (row, column) of an index.
template <typename Position>
double area_of_spans(const std::vector<std::size_t>& pixels, std::int64_t rows,
                     const Position& position) {
  std::vector<std::pair<std::int64_t, std::int64_t>> spans(rows, {1, 0});
  for (const std::size_t pixel : pixels) {
    const auto [row, column] = position(static_cast<std::int64_t>(pixel));
    auto& [first, last] = spans[row];
    if (first > last) first = last = column;
    first = std::min(first, column);
    last = std::max(last, column);
  }
  double area = 0;
  for (const auto& [first, last] : spans) area += static_cast<double>(last - first + 1);
  return area;
}

Region measure(std::vector<std::size_t> pixels, const Plane& ink, float least) {
  Region region{ink.pixels[pixels[0]] > least, {ink.width, ink.height, 0, 0}, 0, 0, 0, 0, {}};
  for (const std::size_t pixel : pixels) {
    const auto x = static_cast<std::int64_t>(pixel) % ink.width;
    const auto y = static_cast<std::int64_t>(pixel) / ink.width;
    Box& box = region.box;
    box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x + 1),
           std::max(box.bottom, y + 1)};
    region.mass += ink.pixels[pixel];
    region.peak = std::max(region.peak, ink.pixels[pixel]);
  }
  region.area = static_cast<std::int64_t>(pixels.size());
  const double rows = area_of_spans(pixels, ink.height, [&](std::int64_t pixel) {
    return std::pair(pixel / ink.width, pixel % ink.width);
  });
  const double columns = area_of_spans(pixels, ink.width, [&](std::int64_t pixel) {
    return std::pair(pixel % ink.width, pixel / ink.width);
  });
  region.filled =
      std::min(rows, columns) / static_cast<double>(region.box.width() * region.box.height());
  if (region.is_ink) region.pixels = std::move(pixels);
  return region;
}

}  // namespace

std::vector<Region> regions_of(const Plane& ink, float least) {
  std::vector<bool> is_seen(ink.pixels.size());
  std::vector<Region> regions;
  for (std::size_t i = 0; i < ink.pixels.size(); ++i) {
    if (!is_seen[i]) regions.push_back(measure(spread_from(i, ink, least, is_seen), ink, least));
  }
  return regions;
}

}  // namespace mnist
