#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mnist {

/// An image in colours, perhaps transparent.
struct ColorImage {
  static constexpr std::int64_t kChannels = 4;

  std::int64_t width;
  std::int64_t height;
  std::vector<std::uint8_t> rgba;  ///< red, green, blue and opacity of each pixel, row by row

  ColorImage(std::int64_t image_width, std::int64_t image_height)
      : width(image_width),
        height(image_height),
        rgba(static_cast<std::size_t>(width * height * kChannels)) {}

  const std::uint8_t* at(std::int64_t x, std::int64_t y) const {
    return &rgba[static_cast<std::size_t>((y * width + x) * kChannels)];
  }
};

}  // namespace mnist
