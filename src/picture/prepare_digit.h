#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "picture/gray_image.h"

namespace mnist {

/// A prediction of a lower probability has low confidence: docs/predict.md has the costs.
constexpr double kSure = 0.9;

/// A digit as the network takes it.
struct PreparedDigit {
  GrayImage image;                          ///< 28 x 28, in the form of MNIST's images
  std::vector<std::string> low_confidence;  ///< why it may not be one digit: "several shapes"
};

/// Finds the digit in a picture (RGBA), of any size, dark on light or light on dark, and brings it
/// into the form of MNIST's images: 28 x 28, white on black, scaled with its proportions kept to
/// fill a box of 20 x 20, its center of mass in the middle. A table around a sheet, uneven light,
/// noise, specks and ruled lines are background. Throws Error(kData) if nothing stands out, or if
/// there is more than a digit and some dirt; the message does not name the file. Source of the
/// form: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".
PreparedDigit prepare_digit(const cv::Mat4b& picture);

}  // namespace mnist
