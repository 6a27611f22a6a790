#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace mnist {

/// The shapes that make a digit.
struct DigitShapes {
  cv::Mat1f ink;  ///< without other shapes
  cv::Rect box;   ///< around the digit
  bool reaches_border;
  std::vector<std::string> low_confidence;
};

/// Takes the shape with the most ink (0 to about 1 at each pixel) and what is near enough to be a
/// part of it. Throws Error(kData) if there are only specks, or more shapes than a digit and some
/// dirt.
DigitShapes find_shapes(const cv::Mat1f& ink);

}  // namespace mnist
