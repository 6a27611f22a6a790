#include "digit/mnist_form.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

constexpr std::int64_t kBoxSide = 20;      // pixels
constexpr std::int64_t kThinBoxSide = 19;  // which smoothing makes broader by half a pixel a side
constexpr float kWhite = 255;

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

/// The part of the plane in the box, resized by linear interpolation that averages over all pixels
/// it passes when it makes a row shorter, as Pillow's BILINEAR filter does.
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

/// Scales the longer side of the box to `to` pixels, and the shorter side in proportion.
Plane scale_to_box(const Plane& ink, const Box& box, std::int64_t to) {
  const std::int64_t longest = std::max(box.width(), box.height());
  const auto scaled = [&](std::int64_t side) {
    const double exact = static_cast<double>(side * to) / static_cast<double>(longest);
    return std::max(std::int64_t{1}, static_cast<std::int64_t>(std::lround(exact)));
  };
  return resize(ink, box, scaled(box.width()), scaled(box.height()));
}

/// Where the digit's left edge (or its top) goes so that its centre of mass is in the middle, or as
/// near to it as the digit stays inside. `centre` is the mean position of its ink and `side` its
/// width (or height), in pixels. The middle is the pixel at 14, as in MNIST's own images, and not
/// the corner where four pixels meet.
std::int64_t centred(double centre, std::int64_t side) {
  constexpr double kMiddle = static_cast<double>(kImageSide) / 2;
  constexpr double kTie = 1e-4;  // halves go up, whatever the last place of a sum is
  const auto offset = static_cast<std::int64_t>(std::lround(kMiddle - centre + kTie));
  return std::clamp(offset, std::int64_t{0}, kImageSide - side);
}

Plane centre_by_mass(const Plane& digit) {
  double mass = 0;
  double weighted_x = 0;
  double weighted_y = 0;
  for (std::int64_t y = 0; y < digit.height; ++y) {
    for (std::int64_t x = 0; x < digit.width; ++x) {
      const double ink = digit.at(x, y);
      mass += ink;
      weighted_x += ink * static_cast<double>(x);
      weighted_y += ink * static_cast<double>(y);
    }
  }
  const std::int64_t left = centred(weighted_x / mass, digit.width);
  const std::int64_t top = centred(weighted_y / mass, digit.height);
  Plane result(kImageSide, kImageSide);
  for (std::int64_t y = 0; y < digit.height; ++y) {
    for (std::int64_t x = 0; x < digit.width; ++x) {
      result.at(left + x, top + y) = digit.at(x, y);
    }
  }
  return result;
}

/// The binomial filter of 3 x 3: each pixel and its neighbours, weighted 1 2 1 in both directions.
Plane smooth(const Plane& image) {
  Plane result(image.width, image.height);
  for (std::int64_t y = 0; y < image.height; ++y) {
    for (std::int64_t x = 0; x < image.width; ++x) {
      for (std::int64_t from_y = y - 1; from_y <= y + 1; ++from_y) {
        for (std::int64_t from_x = x - 1; from_x <= x + 1; ++from_x) {
          if (std::clamp(from_x, std::int64_t{0}, image.width - 1) != from_x) continue;
          if (std::clamp(from_y, std::int64_t{0}, image.height - 1) != from_y) continue;
          const int weight = (from_x == x ? 2 : 1) * (from_y == y ? 2 : 1);
          result.at(x, y) += static_cast<float>(weight) * image.at(from_x, from_y);
        }
      }
    }
  }
  return result;
}

float most_ink(const Plane& image) {
  return *std::max_element(image.pixels.begin(), image.pixels.end());
}

/// Makes this much ink, and more, white.
GrayImage stretch(const Plane& image, float white) {
  GrayImage result(image.width, image.height);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const float share = std::min(1.0F, image.pixels[i] / white);
    result.pixels[i] = static_cast<std::uint8_t>(std::lround(share * kWhite));
  }
  return result;
}

}  // namespace

GrayImage to_mnist_form(const Plane& ink, const Box& box) {
  constexpr float kThin = 0.8F;  // what a stroke of a pixel still reaches
  const Plane image = centre_by_mass(scale_to_box(ink, box, kBoxSide));
  if (most_ink(image) >= kThin) return stretch(image, most_ink(image));
  // Strokes thinner than a pixel become as broad as MNIST's: smoothing gives them neighbours with
  // half their ink, and a third of the most is white.
  const Plane broad = smooth(centre_by_mass(scale_to_box(ink, box, kThinBoxSide)));
  return stretch(broad, most_ink(broad) / 3);
}

}  // namespace mnist
