#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/storage.h"

namespace mnist {

/// Images as compressed sparse rows: the nonzero pixels, image after image.
struct SparseImages {
  std::vector<std::size_t> begin{0};  ///< [N+1]; image i has the pixels begin[i] .. begin[i+1]-1
  std::vector<std::uint16_t> pixels;  ///< their positions, 0 to 783, ascending in each image
  std::vector<std::uint8_t> values;   ///< their intensities, 1 to 255

  std::size_t size() const { return begin.size() - 1; }
};

/// Images with their labels in training order: an epoch, or a batch of it.
struct Examples {
  const SparseImages& images;             ///< all images of the set
  std::span<const std::int64_t> labels;   ///< of all images of the set
  std::span<const std::int64_t> indices;  ///< the examples, as positions in the set

  std::size_t size() const { return indices.size(); }
  /// The pixels of example i in `images`.
  Range pixels(std::size_t i) const {
    const auto image = static_cast<std::size_t>(indices[i]);
    return {images.begin[image], images.begin[image + 1]};
  }
  std::int64_t label(std::size_t i) const { return labels[static_cast<std::size_t>(indices[i])]; }

  /// The batch that starts at example `begin`. The last one may be shorter.
  Examples batch(std::size_t begin, std::size_t batch_size) const {
    return {images, labels, indices.subspan(begin, std::min(batch_size, size() - begin))};
  }
};

/// byte / 255.
inline float pixel_value(std::uint8_t byte) {
  static constexpr auto kValues = [] {  // a division takes as long as everything else for a pixel
    std::array<float, 256> values{};
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 255.0F;
    return values;
  }();
  return kValues[byte];
}

/// The sparse form of `count` images, [count,784] uint8, row by row.
SparseImages compress(const std::uint8_t* images, std::size_t count);

/// Writes image `index` in dense form: [784] float32 in [0,1].
void expand(const SparseImages& images, std::size_t index, float* image);

}  // namespace mnist
