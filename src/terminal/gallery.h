#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "picture/gray_image.h"
#include "picture/labeled_grid.h"
#include "terminal/display.h"

namespace mnist {

/// An image as lines of text. A character shows two pixels, one above the other: it is a half block
/// in two shades, or a letter, from a blank for black to @ for white.
std::vector<std::string> draw(const GrayImage& image, Shades shades);

/// How many images of 28 x 28 fit side by side in `columns` characters; at least 1.
std::size_t images_across(int columns);

/// Images under their captions, `across` of them side by side. Ends with a line feed.
std::string gallery(const std::vector<Captioned>& images, std::size_t across, Shades shades);

}  // namespace mnist
