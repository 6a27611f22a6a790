#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mnist {

/// An image in shades of grey.
struct GrayImage {
  std::int64_t width;
  std::int64_t height;
  std::vector<std::uint8_t> pixels;  ///< row by row from the top left, 0 black to 255 white

  GrayImage(std::int64_t image_width, std::int64_t image_height, std::uint8_t shade = 0)
      : width(image_width),
        height(image_height),
        pixels(static_cast<std::size_t>(width * height), shade) {}

  std::uint8_t& at(std::int64_t x, std::int64_t y) {
    return pixels[static_cast<std::size_t>(y * width + x)];
  }
  std::uint8_t at(std::int64_t x, std::int64_t y) const {
    return pixels[static_cast<std::size_t>(y * width + x)];
  }
};

}  // namespace mnist
