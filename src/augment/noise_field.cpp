#include "augment/noise_field.h"

#include <algorithm>
#include <cmath>

namespace mnist {
namespace {

// All values before the final scaling are integers small enough for exact sums in double precision.
// So neither the order of additions nor fused multiply-add changes a bit of the field.

constexpr int kNoiseBits = 9;
constexpr int kKernelBits = 20;

/// A normalized kernel, in units of 2^-kKernelBits.
std::vector<double> gaussian(double sigma) {
  const int radius = static_cast<int>(4.0 * sigma);
  std::vector<double> kernel;
  double sum = 0.0;
  for (int i = -radius; i <= radius; ++i) {
    kernel.push_back(sigma > 0.0 ? std::exp(-0.5 * i * i / (sigma * sigma)) : 1.0);
    sum += kernel.back();
  }
  for (double& weight : kernel) weight = std::nearbyint(std::ldexp(weight / sum, kKernelBits));
  return kernel;
}

struct Plane {
  std::size_t width;
  std::size_t height;
  std::vector<double> values = std::vector<double>(width * height, 0.0);
};

/// The valid convolution along rows or along columns.
Plane convolve(const Plane& plane, const std::vector<double>& kernel, bool in_rows) {
  const std::size_t lost = kernel.size() - 1;
  Plane sums{plane.width - (in_rows ? lost : 0), plane.height - (in_rows ? 0 : lost)};
  for (std::size_t y = 0; y < sums.height; ++y) {
    double* const row = &sums.values[y * sums.width];
    for (std::size_t k = 0; k < kernel.size(); ++k) {
      const double* const from = &plane.values[(in_rows ? y : y + k) * plane.width];
      const double* const neighbors = in_rows ? from + k : from;
      for (std::size_t x = 0; x < sums.width; ++x) row[x] += kernel[k] * neighbors[x];
    }
  }
  return sums;
}

std::vector<std::int16_t> displacements(double alpha, const std::vector<double>& kernel,
                                        KeyedRandom& random) {
  constexpr std::size_t kVector = 16;
  constexpr double kMost = 32767.0;
  const std::size_t side = NoiseField::kSide + kernel.size() - 1;
  Plane noise{side, side};
  for (double& value : noise.values) {
    value = 2.0 * static_cast<double>(random.below(1U << kNoiseBits)) - (1U << kNoiseBits) + 1.0;
  }
  const Plane smooth = convolve(convolve(noise, kernel, true), kernel, false);
  const double scale = std::ldexp(alpha, NoiseField::kFractionBits - kNoiseBits - 2 * kKernelBits);
  std::vector<std::int16_t> result(smooth.values.size() + kVector, 0);
  std::transform(smooth.values.begin(), smooth.values.end(), result.begin(), [&](double value) {
    const double pixels = std::clamp(value * scale, -kMost, kMost);
    return static_cast<std::int16_t>(static_cast<int>(pixels + kMost + 1.5) - 32768);
  });
  return result;
}

}  // namespace

NoiseField make_noise_field(double alpha, double sigma, KeyedRandom random) {
  const std::vector<double> kernel = gaussian(sigma);
  NoiseField field;
  field.dx = displacements(alpha, kernel, random);
  field.dy = displacements(alpha, kernel, random);
  return field;
}

}  // namespace mnist
