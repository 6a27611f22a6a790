#include "digit/ink.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "digit/box_sums.h"
#include "digit/clutter.h"
#include "digit/ground.h"
#include "digit/statistics.h"

namespace mnist {
namespace {

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
  // In so many standard deviations no noise is expected among the million pixels of a picture; and a
  // few steps of 255 are not ink.
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
