#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "augment/random.h"

namespace mnist {

/// Smooth random displacements of the pixels of a plane much larger than an image: uniform noise
/// from -1 to 1, smoothed by a Gaussian. Source: P. Simard,
/// D. Steinkraus, J. Platt, "Best Practices for Convolutional Neural Networks Applied to Visual
/// Document Analysis", 2003. Each image takes a window of it.
struct NoiseField {
  static constexpr std::size_t kSide = 256;
  static constexpr int kFractionBits = 10;  ///< of a displacement in pixels

  // [kSide * kSide] and padding, so that whole vectors can be read; at most 32 pixels in each
  // direction.
  std::vector<std::int16_t> dx;
  std::vector<std::int16_t> dy;
};

/// `alpha` scales the smoothed noise; `sigma` is the standard deviation of the Gaussian, which is
/// cut off at 4 sigma. Both are in pixels.
NoiseField make_noise_field(double alpha, double sigma, KeyedRandom random);

}  // namespace mnist
