#include "digit/shades.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "image/statistics.h"

namespace mnist {
namespace {

constexpr std::int64_t kWorkSide = 640;  // pixels; a stroke of one pixel in 4000 still shows
constexpr float kOpaque = 255;
constexpr std::array<float, 3> kBrightness{0.299F, 0.587F, 0.114F};

/// Red, green and blue, and the opacity from 0 to 1.
using Colors = std::array<Plane, 4>;

/// Averages blocks of `reduction` x `reduction` pixels; a transparent pixel has no colour.
Colors reduce(const ColorImage& picture, const Box& box, std::int64_t reduction) {
  const auto blocks = [&](std::int64_t side) { return (side + reduction - 1) / reduction; };
  const Plane empty(blocks(box.width()), blocks(box.height()));
  Colors sums{empty, empty, empty, empty};
  Plane counts = empty;
  for (std::int64_t y = box.top; y < box.bottom; ++y) {
    const std::uint8_t* in = picture.at(box.left, y);
    for (std::int64_t x = box.left; x < box.right; ++x, in += ColorImage::kChannels) {
      const std::size_t i = empty.index((x - box.left) / reduction, (y - box.top) / reduction);
      const float opacity = static_cast<float>(in[3]) / kOpaque;
      for (std::size_t c = 0; c < 3; ++c) sums[c].pixels[i] += opacity * static_cast<float>(in[c]);
      sums[3].pixels[i] += opacity;
      counts.pixels[i] += 1;
    }
  }
  for (std::size_t i = 0; i < counts.pixels.size(); ++i) {
    const float opacity = sums[3].pixels[i];
    for (std::size_t c = 0; c < 3 && opacity > 0; ++c) sums[c].pixels[i] /= opacity;
    sums[3].pixels[i] /= counts.pixels[i];
  }
  return sums;
}

/// The shades of the pixels that are more opaque than not.
std::vector<float> opaque_shades(const Colors& colors, std::size_t channel) {
  std::vector<float> shades;
  for (std::size_t i = 0; i < colors[3].pixels.size(); ++i) {
    if (colors[3].pixels[i] > 0.5F) shades.push_back(colors[channel].pixels[i]);
  }
  return shades;
}

/// Whether what is opaque is a sheet with something on it, and not the ink itself: it fills most of
/// its box, as a circle does, and has colours that differ.
bool is_sheet(const Colors& colors) {
  const Plane& opacity = colors[3];
  Box box{opacity.width, opacity.height, 0, 0};
  double area = 0;
  for (std::int64_t y = 0; y < opacity.height; ++y) {
    for (std::int64_t x = 0; x < opacity.width; ++x) {
      if (opacity.at(x, y) <= 0.5F) continue;
      box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x + 1),
             std::max(box.bottom, y + 1)};
      ++area;
    }
  }
  constexpr double kFilled = 0.75;
  if (area < kFilled * static_cast<double>(box.width() * box.height())) return false;
  constexpr float kDiffering = 32;
  for (std::size_t c = 0; c < 3; ++c) {
    const std::vector<float> shades = opaque_shades(colors, c);
    if (shades.empty()) return false;
    const auto [least, most] = std::minmax_element(shades.begin(), shades.end());
    if (*most - *least > kDiffering) return true;
  }
  return false;
}

/// White for ink that is dark as a whole, black for light ink.
float ground_under(const Colors& colors) {
  double balance = 0;
  for (std::size_t i = 0; i < colors[3].pixels.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      balance += colors[3].pixels[i] * kBrightness[c] * (colors[c].pixels[i] - kOpaque / 2);
    }
  }
  return balance < 0 ? kOpaque : 0;
}

void lay_on_ground(Colors& colors) {
  const bool sheet = is_sheet(colors);
  const float ground = ground_under(colors);
  for (std::size_t c = 0; c < 3; ++c) {
    const float paper = sheet ? quantile(opaque_shades(colors, c), 0.5) : ground;
    for (std::size_t i = 0; i < colors[c].pixels.size(); ++i) {
      const float opacity = colors[3].pixels[i];
      // The edge of a sheet is part of it, the edge of ink is paler than the ink.
      const float share = sheet ? std::round(opacity) : opacity;
      colors[c].pixels[i] = share * colors[c].pixels[i] + (1 - share) * paper;
    }
  }
}

}  // namespace

Shades shades_of(const ColorImage& picture, const Box& box) {
  const std::int64_t longest = std::max(box.width(), box.height());
  const std::int64_t reduction = (longest + kWorkSide - 1) / kWorkSide;
  Colors colors = reduce(picture, box, reduction);
  const std::vector<float>& opacity = colors[3].pixels;
  if (*std::min_element(opacity.begin(), opacity.end()) < 1) lay_on_ground(colors);
  Plane brightness(colors[3].width, colors[3].height);
  float most_colorful = 0;
  for (std::size_t i = 0; i < brightness.pixels.size(); ++i) {
    const std::array<float, 3> color{colors[0].pixels[i], colors[1].pixels[i], colors[2].pixels[i]};
    for (std::size_t c = 0; c < 3; ++c) brightness.pixels[i] += kBrightness[c] * color[c];
    const auto [least, most] = std::minmax_element(color.begin(), color.end());
    most_colorful = std::max(most_colorful, *most - *least);
  }
  Shades shades{reduction, {std::move(brightness)}};
  if (most_colorful == 0) return shades;
  for (std::size_t c = 0; c < 3; ++c) shades.choices.push_back(std::move(colors[c]));
  return shades;
}

}  // namespace mnist
