#include "digit/mnist_form.h"

#include <algorithm>
#include <cmath>

#include "digit/resize.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

constexpr std::int64_t kBoxSide = 20;  // pixels
constexpr float kWhite = 255;

/// Scales the longer side of the box to kBoxSide, and the shorter side in proportion.
Plane scale_to_box(const Plane& ink, const Box& box) {
  const std::int64_t longest = std::max(box.width(), box.height());
  const auto scaled = [&](std::int64_t side) {
    const double exact = static_cast<double>(side * kBoxSide) / static_cast<double>(longest);
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
  const auto offset = static_cast<std::int64_t>(std::lround(kMiddle - centre));
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

/// Makes the most ink white, and strokes that are thinner than a pixel as broad as MNIST's.
GrayImage stretch(Plane image) {
  const auto most = [&] { return *std::max_element(image.pixels.begin(), image.pixels.end()); };
  constexpr float kThin = 0.8F;  // what a stroke of a pixel still reaches
  float white = most();
  if (white < kThin) {
    image = smooth(image);
    white = most() / 2;
  }
  GrayImage result(image.width, image.height);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const float share = std::min(1.0F, image.pixels[i] / white);
    result.pixels[i] = static_cast<std::uint8_t>(std::lround(share * kWhite));
  }
  return result;
}

}  // namespace

GrayImage to_mnist_form(const Plane& ink, const Box& box) {
  return stretch(centre_by_mass(scale_to_box(ink, box)));
}

}  // namespace mnist
