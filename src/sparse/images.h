#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mnist {

/// Images as compressed sparse rows: the pixels that are not black, image after image.
struct SparseImages {
  std::vector<std::size_t> begin;     ///< [N+1]; image i has the pixels begin[i] .. begin[i+1]-1
  std::vector<std::uint16_t> pixels;  ///< which of the 784
  std::vector<std::uint8_t> values;   ///< 1 to 255, standing for value/255
};

/// What a byte stands for.
inline float pixel_value(std::uint8_t byte) { return static_cast<float>(byte) / 255.0F; }

/// `count` images, [count,784] row by row, in sparse form; none if a pixel is not k/255 with k from
/// 0 to 255.
std::optional<SparseImages> compress(const float* images, std::size_t count);

}  // namespace mnist
