#pragma once

#include <string>
#include <vector>

#include "mnist_train/gray_image.h"
#include "mnist_train/terminal.h"

namespace mnist {

/// An image with what there is to say of it.
struct Captioned {
  std::string title;   ///< its digit
  std::string detail;  ///< its position
  GrayImage image;
};

/// An image as lines of text, a character for two pixels, one above the other: half blocks in
/// shades, or letters from blank for black to @ for white.
std::vector<std::string> draw(const GrayImage& image, Shades shades);

/// Images under their captions, as many across as fit `columns` characters, but one at least. Ends
/// with a line feed.
std::string gallery(const std::vector<Captioned>& images, int columns, Shades shades);

}  // namespace mnist
