#pragma once

#include <vector>

namespace mnist {

/// The value that this share of the values, 0 to 1, do not exceed; 0 if there are none.
float quantile(std::vector<float> values, double share);

/// The standard deviations in the median of the distances of normally distributed values.
constexpr float kDeviations = 1.4826F;

/// The standard deviation of values around 0 that are normally distributed but for outliers,
/// by the median of their distances. Source: P. J. Huber, "Robust Statistics", 1981.
float robust_deviation(std::vector<float> values);

/// The threshold that parts the values into the two classes whose means differ most against the
/// spread within each. Source: N. Otsu, "A threshold selection method from gray-level histograms",
/// 1979.
float otsu_threshold(const std::vector<float>& values);

}  // namespace mnist
