#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "picture/gray_image.h"
#include "picture/labeled_grid.h"

namespace mnist {

/// An image as lines of text. A character shows two pixels, one above the other: it is a half block
/// in two grays or, without grays, a letter, from a blank for black to @ for white.
std::vector<std::string> draw(const GrayImage& image, bool has_grays);

/// How many images of 28 x 28 fit side by side in `columns` characters; at least 1.
std::size_t images_across(int columns);

/// Images of one size under their captions, side by side. Ends with a line feed.
std::string gallery_row(std::span<const Captioned> images, bool has_grays);

}  // namespace mnist
