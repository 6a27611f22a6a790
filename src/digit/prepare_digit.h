#pragma once

#include <string>
#include <vector>

#include "image/color_image.h"
#include "image/gray_image.h"

namespace mnist {

/// A digit as the network takes it.
struct PreparedDigit {
  GrayImage image;                  ///< 28 x 28, in MNIST's form
  std::vector<std::string> doubts;  ///< why the picture may not show one digit: "several shapes"
};

/// Finds the digit in a picture, of any size, dark on light or light on dark, and brings it into
/// the form of MNIST's images. Uneven light, noise, specks, ruled lines and a frame are taken for
/// paper. Throws Error(kData) if nothing stands out, or if there is more than a digit and some
/// dirt; the message does not name the file, which the caller knows.
PreparedDigit prepare_digit(const ColorImage& picture);

}  // namespace mnist
