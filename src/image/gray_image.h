#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mnist {

/// A grid of values, row by row from the top left.
template <typename Value>
struct Raster {
  std::int64_t width;
  std::int64_t height;
  std::vector<Value> pixels;

  Raster(std::int64_t raster_width, std::int64_t raster_height, Value value = {})
      : width(raster_width),
        height(raster_height),
        pixels(static_cast<std::size_t>(width * height), value) {}

  std::size_t index(std::int64_t x, std::int64_t y) const {
    return static_cast<std::size_t>(y * width + x);
  }
  Value& at(std::int64_t x, std::int64_t y) { return pixels[index(x, y)]; }
  Value at(std::int64_t x, std::int64_t y) const { return pixels[index(x, y)]; }
};

/// An image in shades of grey, 0 black to 255 white.
using GrayImage = Raster<std::uint8_t>;

}  // namespace mnist
