#pragma once

#include <cstddef>
#include <cstdint>

#include "sparse/images.h"

namespace mnist {

/// Maps the pixels of an augmented image to the original: pixel (x, y) has the intensity of the
/// original at column xx * x + xy * y + x0 + dx, row yx * x + yy * y + y0 + dy.
struct Warp {
  static constexpr int kFractionBits = 16;  ///< of the first six; |value| < 2^13

  std::int32_t xx;
  std::int32_t xy;
  std::int32_t x0;
  std::int32_t yx;
  std::int32_t yy;
  std::int32_t y0;
  const std::int16_t* dx;  ///< a window of a NoiseField; null: no displacement
  const std::int16_t* dy;

  static constexpr int kStrokeBits = 7;  ///< of the fraction of `stroke`, which is at most 2
  std::int32_t stroke;  ///< pixels that strokes become wider, before all this; negative: narrower
};

/// Appends image `index` of `images`, warped, to `augmented`. Intensities are interpolated
/// bilinearly at positions rounded to 1/2048 pixel, and rounded to a byte; outside the image they
/// are 0. All arithmetic is on integers, so the result is the same on every CPU.
void append_warped(const SparseImages& images, std::size_t index, const Warp& by,
                   SparseImages& augmented);

}  // namespace mnist
