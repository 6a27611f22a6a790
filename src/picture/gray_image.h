#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mnist {

/// A grayscale image, row by row from the top left, 0 black to 255 white.
struct GrayImage {
  std::int64_t width;
  std::int64_t height;
  std::vector<std::uint8_t> pixels;

  GrayImage(std::int64_t image_width, std::int64_t image_height, std::uint8_t value = 0)
      : width(image_width),
        height(image_height),
        pixels(static_cast<std::size_t>(width * height), value) {}

  std::uint8_t& at(std::int64_t x, std::int64_t y) { return pixels[index(x, y)]; }
  std::uint8_t at(std::int64_t x, std::int64_t y) const { return pixels[index(x, y)]; }

 private:
  std::size_t index(std::int64_t x, std::int64_t y) const {
    return static_cast<std::size_t>(y * width + x);
  }
};

}  // namespace mnist
