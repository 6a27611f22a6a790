#include "digit/ground.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "image/statistics.h"

namespace mnist {
namespace {

constexpr double kClear = 0.78;  // a separation that noise and light do not have

/// What is near the border: a single row or column could be a line of squared paper.
std::vector<float> border_of(const Plane& shades) {
  const std::int64_t depth = 1 + std::max(shades.width, shades.height) / 50;
  std::vector<float> border;
  for (std::int64_t y = 0; y < shades.height; ++y) {
    const bool is_in_middle = y >= depth && y + depth < shades.height;
    for (std::int64_t x = 0; x < shades.width; ++x) {
      if (is_in_middle && x >= depth && x + depth < shades.width) continue;
      border.push_back(shades.at(x, y));
    }
  }
  return border;
}

/// The ground where the paper, on one side of the threshold, is even: all but some specks of it,
/// away from the soft edges of the ink, have the same shade.
std::optional<Ground> even_ground(const Plane& shades, float threshold, bool is_paper_dark) {
  const auto is_ink = [&](float shade) { return (shade < threshold) != is_paper_dark; };
  const BoxSums<1> ink(shades.width, shades.height, [&](std::int64_t x, std::int64_t y) {
    return std::array<double, 1>{is_ink(shades.at(x, y)) ? 1.0 : 0.0};
  });
  const std::int64_t edge = 1 + std::max(shades.width, shades.height) / 28;
  std::vector<float> paper;
  std::vector<float> away;  // from ink
  double ink_sum = 0;
  for (std::int64_t y = 0; y < shades.height; ++y) {
    for (std::int64_t x = 0; x < shades.width; ++x) {
      const float shade = shades.at(x, y);
      if (is_ink(shade)) {
        ink_sum += shade;
        continue;
      }
      paper.push_back(shade);
      if (ink.around(x, y, edge)[0] == 0) away.push_back(shade);
    }
  }
  double middle = 0.5;
  double same = 0.95;
  if (away.size() < paper.size() / 20) {  // ink is all over the picture
    // On squared paper, most of the paper has to be the same. In a picture that was cut to the box
    // of a digit the soft edges of the ink are a large part of the paper: some of it has to be.
    const bool is_mostly_paper = 5 * paper.size() > 3 * shades.pixels.size();
    away = std::move(paper);
    if (!is_mostly_paper) middle = is_paper_dark ? 0.05 : 0.95;
    same = is_mostly_paper ? 0.6 : 0.15;
  }
  const float ground = quantile(away, middle);
  for (float& shade : away) shade = std::abs(shade - ground);
  const double ink_count =
      std::max(1.0, ink.around(0, 0, std::max(shades.width, shades.height))[0]);
  const double contrast = ink_sum == 0 ? 0 : std::abs(ink_sum / ink_count - ground);
  if (quantile(away, same) > 0.02 * contrast) return std::nullopt;
  const float noise = kDeviations * quantile(std::move(away), same / 2);
  return Ground{Plane(shades.width, shades.height, ground), noise};
}

/// Of Otsu's two classes the paper is that of most of the border or else, inside a frame, that of
/// most of the picture.
std::optional<Ground> even_ground(const Plane& shades, float threshold, float border) {
  const bool is_border_dark = border < threshold;
  const bool is_most_dark = quantile(shades.pixels, 0.5) < threshold;
  std::optional<Ground> ground = even_ground(shades, threshold, is_border_dark);
  if (!ground && is_most_dark != is_border_dark) {
    ground = even_ground(shades, threshold, is_most_dark);
  }
  return ground;
}

/// Sums over the paper in a block of pixels, for the fit of a plane.
enum Sum : std::size_t { kCount, kX, kY, kXX, kXY, kYY, kShade, kXShade, kYShade, kSumCount };
using PlaneSums = BoxSums<kSumCount>;

/// The value at (x, y) of the plane that fits best; the mean where it is not determined.
double fitted(const PlaneSums::Sums& s, double x, double y) {
  const double n = s[kCount];
  const double mean_x = s[kX] / n;
  const double mean_y = s[kY] / n;
  const double mean = s[kShade] / n;
  const double xx = s[kXX] / n - mean_x * mean_x;
  const double xy = s[kXY] / n - mean_x * mean_y;
  const double yy = s[kYY] / n - mean_y * mean_y;
  const double xv = s[kXShade] / n - mean_x * mean;
  const double yv = s[kYShade] / n - mean_y * mean;
  const double determinant = xx * yy - xy * xy;
  if (determinant < 0.01 * (xx + yy) * (xx + yy)) return mean;
  const double slope_x = (xv * yy - yv * xy) / determinant;
  const double slope_y = (yv * xx - xv * xy) / determinant;
  return mean + slope_x * (x - mean_x) + slope_y * (y - mean_y);
}

/// Fits planes to the paper around each cell of a coarse grid; `ground` keeps its value where the
/// window holds too little paper.
void fit(const Plane& shades, const std::vector<bool>& is_paper, std::int64_t block,
         std::int64_t reach, Plane& ground) {
  Raster<PlaneSums::Sums> cells(ground.width, ground.height);
  for (std::int64_t y = 0; y < shades.height; ++y) {
    for (std::int64_t x = 0; x < shades.width; ++x) {
      if (!is_paper[shades.index(x, y)]) continue;
      PlaneSums::Sums& s = cells.at(x / block, y / block);
      s[kCount] += 1;
      s[kShade] += shades.at(x, y);
    }
  }
  const PlaneSums sums(cells.width, cells.height, [&](std::int64_t x, std::int64_t y) {
    PlaneSums::Sums s = cells.at(x, y);
    const auto at_x = static_cast<double>(x);
    const auto at_y = static_cast<double>(y);
    s[kX] = s[kCount] * at_x;
    s[kY] = s[kCount] * at_y;
    s[kXX] = s[kX] * at_x;
    s[kXY] = s[kX] * at_y;
    s[kYY] = s[kY] * at_y;
    s[kXShade] = s[kShade] * at_x;
    s[kYShade] = s[kShade] * at_y;
    return s;
  });
  const double enough = 0.1 * static_cast<double>(block * block * (reach + 1) * (reach + 1));
  for (std::int64_t y = 0; y < cells.height; ++y) {
    for (std::int64_t x = 0; x < cells.width; ++x) {
      const PlaneSums::Sums s = sums.around(x, y, reach);
      if (s[kCount] < enough) continue;
      ground.at(x, y) =
          static_cast<float>(fitted(s, static_cast<double>(x), static_cast<double>(y)));
    }
  }
}

/// The value of a grid of cells of `block` pixels at a pixel, between the middles of four cells or,
/// near the border, on the plane beyond them.
float interpolated(const Plane& grid, std::int64_t block, std::int64_t x, std::int64_t y) {
  const auto split = [block](std::int64_t at, std::int64_t cells) {
    const double place = (static_cast<double>(at) + 0.5) / static_cast<double>(block) - 0.5;
    const auto last = std::max<std::int64_t>(0, cells - 2);
    const auto first =
        std::clamp(static_cast<std::int64_t>(std::floor(place)), std::int64_t{0}, last);
    return std::pair(first, static_cast<float>(place - static_cast<double>(first)));
  };
  const auto [left, right_share] = split(x, grid.width);
  const auto [top, bottom_share] = split(y, grid.height);
  const std::int64_t right = std::min(left + 1, grid.width - 1);
  const std::int64_t bottom = std::min(top + 1, grid.height - 1);
  const auto mix = [](float a, float b, float share) { return a + share * (b - a); };
  return mix(mix(grid.at(left, top), grid.at(right, top), right_share),
             mix(grid.at(left, bottom), grid.at(right, bottom), right_share), bottom_share);
}

/// Which pixels are on the side of the threshold where most of the border is.
std::vector<bool> on_side_of_border(const Plane& plane, float threshold) {
  const bool is_border_low = quantile(border_of(plane), 0.5) < threshold;
  std::vector<bool> result;
  for (const float value : plane.pixels) result.push_back((value < threshold) == is_border_low);
  return result;
}

/// What is likely to be paper, by the distances from the plane that fits all pixels best.
std::vector<bool> first_paper(const Plane& distances) {
  const Classes classes = otsu_classes(distances.pixels);
  if (classes.separation > kClear) return on_side_of_border(distances, classes.threshold);
  return std::vector<bool>(distances.pixels.size(), true);
}

/// `is_paper` is what the fit begins with; empty if that is to be found out.
Ground uneven_ground(const Plane& shades, std::vector<bool> is_paper) {
  constexpr std::int64_t kGridSide = 64;
  const std::int64_t longest = std::max(shades.width, shades.height);
  const std::int64_t block = (longest + kGridSide - 1) / kGridSide;
  const auto cells = [&](std::int64_t side) { return (side + block - 1) / block; };
  Plane grid(cells(shades.width), cells(shades.height), quantile(shades.pixels, 0.5));
  Ground ground{Plane(shades.width, shades.height), 0};
  const std::int64_t whole = (longest + block - 1) / block;
  const auto distances_from_fit = [&](std::int64_t parts) {
    fit(shades, is_paper, block, std::max<std::int64_t>(2, whole / parts), grid);
    Plane distances = shades;
    for (std::int64_t y = 0; y < shades.height; ++y) {
      for (std::int64_t x = 0; x < shades.width; ++x) {
        ground.shade.at(x, y) = interpolated(grid, block, x, y);
        distances.at(x, y) -= ground.shade.at(x, y);
      }
    }
    return distances;
  };
  if (is_paper.empty()) {
    is_paper.assign(shades.pixels.size(), true);
    is_paper = first_paper(distances_from_fit(1));
  }
  for (const std::int64_t parts : {1, 1, 1, 2, 2, 4, 4, 8, 8}) {
    const Plane distances = distances_from_fit(parts);
    std::vector<float> of_paper;
    for (std::size_t i = 0; i < is_paper.size(); ++i) {
      if (is_paper[i]) of_paper.push_back(distances.pixels[i]);
    }
    ground.noise = robust_deviation(std::move(of_paper));
    const float far = 3 * ground.noise + 1;
    for (std::size_t i = 0; i < is_paper.size(); ++i) {
      is_paper[i] = std::abs(distances.pixels[i]) <= far;
    }
  }
  return ground;
}

}  // namespace

Ground ground_of(const Plane& shades) {
  const auto [threshold, separation] = otsu_classes(shades.pixels);
  const float border = quantile(border_of(shades), 0.5);
  std::optional<Ground> even = even_ground(shades, threshold, border);
  if (even) return std::move(*even);
  // In a picture that was cut to the ink there may be more ink than paper, so the fit begins with
  // the class of the border.
  std::vector<bool> is_paper = on_side_of_border(shades, threshold);
  Plane ink(shades.width, shades.height);
  for (std::size_t i = 0; i < is_paper.size(); ++i) ink.pixels[i] = is_paper[i] ? 0 : 1;
  const std::int64_t edge = 1 + std::max(ink.width, ink.height) / 28;  // the ink's soft one
  const bool is_cut = separation > kClear && reaches_all_sides(box_of(ink, 0), ink, edge);
  if (!is_cut) is_paper.clear();
  return uneven_ground(shades, std::move(is_paper));
}

}  // namespace mnist
