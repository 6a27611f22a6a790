#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "image/contact_sheet.h"
#include "image/gray_image.h"
#include "terminal/display.h"

namespace mnist {

/// An image as lines of text, a character for two pixels, one above the other: half blocks in
/// shades, or letters from blank for black to @ for white.
std::vector<std::string> draw(const GrayImage& image, Shades shades);

/// How many images of 28 x 28 fit `columns` characters, but one at least.
std::size_t images_across(int columns);

/// Images under their captions, that many across. Ends with a line feed.
std::string gallery(const std::vector<Captioned>& images, std::size_t across, Shades shades);

}  // namespace mnist
