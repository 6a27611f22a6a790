#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "picture/gray_image.h"

namespace mnist {

/// An image with the text that is shown above it.
struct Captioned {
  std::string title;   ///< its digit: "7", or "7 as 9"
  std::string detail;  ///< its position: "#12"
  GrayImage image;
};

/// A picture of many images of 28 x 28: black text on white, `columns` images in a row, each
/// enlarged to 112 x 112 below its title and its detail.
GrayImage labeled_grid(const std::vector<Captioned>& images, std::size_t columns);

}  // namespace mnist
