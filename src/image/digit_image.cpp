#include "image/digit_image.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "mnist_train/error.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

constexpr std::int64_t kBoxSide = 20;  // pixels
constexpr int kWhite = 255;

[[noreturn]] void refuse_empty() {
  fail(ExitCode::kData, "expected a digit on an even ground, found nothing that stands out");
}

/// The shades of the pixels along the four sides, sorted. A corner counts twice.
std::vector<std::uint8_t> border_of(const GrayImage& image) {
  std::vector<std::uint8_t> shades;
  for (std::int64_t x = 0; x < image.width; ++x) {
    shades.push_back(image.at(x, 0));
    shades.push_back(image.at(x, image.height - 1));
  }
  for (std::int64_t y = 0; y < image.height; ++y) {
    shades.push_back(image.at(0, y));
    shades.push_back(image.at(image.width - 1, y));
  }
  std::sort(shades.begin(), shades.end());
  return shades;
}

/// The paper, judged by the border of the image.
struct Ground {
  int shade;  ///< the median of the border
  int noise;  ///< 95 % of the border differ from `shade` by no more
};

Ground ground_of(const GrayImage& image) {
  const std::vector<std::uint8_t> border = border_of(image);
  const int shade = border[border.size() / 2];
  std::vector<int> distances;
  distances.reserve(border.size());
  for (const int other : border) distances.push_back(std::abs(other - shade));
  const auto most = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() * 19 / 20);
  std::nth_element(distances.begin(), most, distances.end());
  return {shade, *most};
}

/// Whether the pixels that stand out from the ground are, as a whole, lighter than it. The lightest
/// and the darkest pixel alone would not tell, since one of them may be a glare.
bool has_light_ink(const GrayImage& image, const Ground& ground) {
  std::int64_t balance = 0;
  for (const int shade : image.pixels) {
    const int distance = shade - ground.shade;
    if (std::abs(distance) > ground.noise) balance += distance;
  }
  return balance > 0;
}

/// The ink in white on black: the ground's shade becomes 0, and the shade of the ink that is
/// farthest from it becomes 255.
GrayImage extract_ink(const GrayImage& image) {
  const auto [darkest, lightest] = std::minmax_element(image.pixels.begin(), image.pixels.end());
  const Ground ground = ground_of(image);
  const bool light_ink = has_light_ink(image, ground);
  const int contrast = light_ink ? *lightest - ground.shade : ground.shade - *darkest;
  constexpr int kLeastContrast = 32;
  if (contrast < kLeastContrast || contrast <= 2 * ground.noise) refuse_empty();
  GrayImage ink(image.width, image.height);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const int distance = (image.pixels[i] - ground.shade) * (light_ink ? 1 : -1);
    if (distance > ground.noise) {
      ink.pixels[i] = static_cast<std::uint8_t>((distance * kWhite + contrast / 2) / contrast);
    }
  }
  return ink;
}

/// A part of an image; right and bottom are the first column and row after it.
struct Box {
  std::int64_t left, top, right, bottom;

  std::int64_t width() const { return right - left; }
  std::int64_t height() const { return bottom - top; }
};

/// The smallest box that holds all ink but traces.
Box bounds(const GrayImage& ink) {
  constexpr int kTrace = 24;  // ink that is no lighter does not count
  Box box{ink.width, ink.height, 0, 0};
  for (std::int64_t y = 0; y < ink.height; ++y) {
    for (std::int64_t x = 0; x < ink.width; ++x) {
      if (ink.at(x, y) <= kTrace) continue;
      box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x + 1),
             std::max(box.bottom, y + 1)};
    }
  }
  return box;
}

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

/// The part of the image in the box, resized: first each row, then each column.
GrayImage resize(const GrayImage& image, const Box& box, std::int64_t width, std::int64_t height) {
  const std::vector<Taps> columns = make_taps(box.width(), width);
  const std::vector<Taps> rows = make_taps(box.height(), height);
  std::vector<float> narrow(static_cast<std::size_t>(width * box.height()));
  auto* out = narrow.data();
  for (std::int64_t y = box.top; y < box.bottom; ++y) {
    for (const Taps& taps : columns) {
      const std::uint8_t* in = &image.pixels[y * image.width + box.left + taps.first];
      float sum = 0;
      for (const float weight : taps.weights) sum += weight * static_cast<float>(*in++);
      *out++ = sum;
    }
  }
  GrayImage result(width, height);
  for (std::int64_t y = 0; y < height; ++y) {
    const Taps& taps = rows[y];
    for (std::int64_t x = 0; x < width; ++x) {
      const float* in = &narrow[taps.first * width + x];
      float sum = 0;
      for (const float weight : taps.weights) {
        sum += weight * *in;
        in += width;
      }
      result.at(x, y) = static_cast<std::uint8_t>(std::lround(sum));
    }
  }
  return result;
}

/// Scales the longer side of the box to kBoxSide, and the shorter side in proportion.
GrayImage scale_to_box(const GrayImage& ink, const Box& box) {
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

GrayImage centre_by_mass(const GrayImage& digit) {
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
  if (mass == 0) refuse_empty();  // the ink was specks, which scaling has made invisible
  const std::int64_t left = centred(weighted_x / mass, digit.width);
  const std::int64_t top = centred(weighted_y / mass, digit.height);
  GrayImage result(kImageSide, kImageSide);
  for (std::int64_t y = 0; y < digit.height; ++y) {
    for (std::int64_t x = 0; x < digit.width; ++x) {
      result.at(left + x, top + y) = digit.at(x, y);
    }
  }
  return result;
}

}  // namespace

GrayImage prepare_digit(const GrayImage& image) {
  const GrayImage ink = extract_ink(image);
  return centre_by_mass(scale_to_box(ink, bounds(ink)));
}

}  // namespace mnist
