#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "image/plane.h"

namespace mnist {

/// The value that this share of the values, 0 to 1, do not exceed; 0 if there are none.
float quantile(std::vector<float> values, double share);

/// The standard deviations in the median of the distances of normally distributed values.
constexpr float kDeviations = 1.4826F;

/// The standard deviation of values around 0 that are normally distributed but for outliers,
/// by the median of their distances. Source: P. J. Huber, "Robust Statistics", 1981.
float robust_deviation(std::vector<float> values);

/// Two classes of values.
struct Classes {
  float threshold;    ///< between them
  double separation;  ///< the share of the variance that is between them, 0 to 1
};

/// The two classes whose means differ most against the spread within each. A normal distribution
/// has a separation of 0.64, a uniform one 0.75. Source: N. Otsu, "A threshold selection method
/// from gray-level histograms", 1979.
Classes otsu_classes(const std::vector<float>& values);

/// Sums over any box of a grid in constant time. Source: F. C. Crow, "Summed-area tables for
/// texture mapping", 1984.
template <std::size_t kSums>
class BoxSums {
 public:
  using Sums = std::array<double, kSums>;

  template <typename SumsAt>
  BoxSums(std::int64_t width, std::int64_t height, const SumsAt& sums_at)
      : table_(width + 1, height + 1) {
    for (std::int64_t y = 0; y < height; ++y) {
      Sums row{};
      for (std::int64_t x = 0; x < width; ++x) {
        const Sums here = sums_at(x, y);
        for (std::size_t k = 0; k < kSums; ++k) {
          row[k] += here[k];
          table_.at(x + 1, y + 1)[k] = table_.at(x + 1, y)[k] + row[k];
        }
      }
    }
  }

  /// The sums over the pixels that are at most `reach` rows and columns away.
  Sums around(std::int64_t x, std::int64_t y, std::int64_t reach) const {
    const std::int64_t left = std::max(std::int64_t{0}, x - reach);
    const std::int64_t top = std::max(std::int64_t{0}, y - reach);
    const std::int64_t right = std::min(table_.width - 1, x + reach + 1);
    const std::int64_t bottom = std::min(table_.height - 1, y + reach + 1);
    Sums sums;
    for (std::size_t k = 0; k < kSums; ++k) {
      sums[k] = table_.at(right, bottom)[k] - table_.at(left, bottom)[k] -
                table_.at(right, top)[k] + table_.at(left, top)[k];
    }
    return sums;
  }

 private:
  Raster<Sums> table_;
};

}  // namespace mnist
