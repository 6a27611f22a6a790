#pragma once

#include <cstddef>
#include <cstdint>

#include "sparse/images.h"

namespace mnist {

/// Where the pixels of an augmented image come from: that in column x and row y of it is the gray
/// level of the original at column xx * x + xy * y + x0 + dx, row yx * x + yy * y + y0 + dy.
struct Warp {
  static constexpr int kFractionBits = 16;  ///< of the first six, which are less than 2^13 in size

  std::int32_t xx;
  std::int32_t xy;
  std::int32_t x0;
  std::int32_t yx;
  std::int32_t yy;
  std::int32_t y0;
  const std::int16_t* dx;  ///< a window of a NoiseField for the image; null: no displacements
  const std::int16_t* dy;

  static constexpr int kStrokeBits = 7;  ///< of the fraction of `stroke`, which is at most 2
  std::int32_t stroke;  ///< pixels that strokes become wider, before all this; negative: narrower
};

/// Appends image `index` of `images` to `augmented`, warped. Between pixels the intensity is
/// interpolated bilinearly, at positions rounded to 1/2048 pixel, and rounded to a byte; around the
/// image it is black. All in whole numbers, so the result is the same on every CPU.
void append_warped(const SparseImages& images, std::size_t index, const Warp& warp,
                   SparseImages& augmented);

}  // namespace mnist
