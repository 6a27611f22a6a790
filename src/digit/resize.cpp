#include "digit/resize.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace mnist {
namespace {

/// A pixel of a resized row is the sum of the old pixels from `first` on, times the weights.
struct Taps {
  std::int64_t first;
  std::vector<float> weights;  ///< their sum is 1
};

/// The taps of each pixel when a row of `from` pixels is resized to `to`: linear interpolation that
/// averages over all pixels it passes when it makes a row shorter, as Pillow's BILINEAR does.
std::vector<Taps> make_taps(std::int64_t from, std::int64_t to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double radius = std::max(scale, 1.0);
  std::vector<Taps> result;
  for (std::int64_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    const double begin = std::floor(centre - radius + 0.5);
    const auto first = std::max(std::int64_t{0}, static_cast<std::int64_t>(begin));
    const auto end = std::min(from, static_cast<std::int64_t>(std::floor(centre + radius + 0.5)));
    Taps taps{first, {}};
    float sum = 0;
    for (std::int64_t j = first; j < end; ++j) {
      const double distance = std::abs(static_cast<double>(j) + 0.5 - centre) / radius;
      taps.weights.push_back(static_cast<float>(std::max(0.0, 1.0 - distance)));
      sum += taps.weights.back();
    }
    for (float& weight : taps.weights) weight /= sum;
    result.push_back(std::move(taps));
  }
  return result;
}

}  // namespace

Plane resize(const Plane& plane, const Box& box, std::int64_t width, std::int64_t height) {
  const std::vector<Taps> columns = make_taps(box.width(), width);
  const std::vector<Taps> rows = make_taps(box.height(), height);
  Plane narrow(width, box.height());
  auto out = narrow.pixels.begin();
  for (std::int64_t y = box.top; y < box.bottom; ++y) {
    for (const Taps& taps : columns) {
      const float* in = &plane.pixels[plane.index(box.left + taps.first, y)];
      float sum = 0;
      for (const float weight : taps.weights) sum += weight * *in++;
      *out++ = sum;
    }
  }
  Plane result(width, height);
  for (std::int64_t y = 0; y < height; ++y) {
    const Taps& taps = rows[y];
    for (std::int64_t x = 0; x < width; ++x) {
      float sum = 0;
      for (std::size_t i = 0; i < taps.weights.size(); ++i) {
        sum += taps.weights[i] * narrow.at(x, taps.first + static_cast<std::int64_t>(i));
      }
      result.at(x, y) = sum;
    }
  }
  return result;
}

}  // namespace mnist
