#pragma once

#include <string_view>

#include "image/color_image.h"

namespace mnist {

/// The contents of the first segment with this marker (0xE1 for APP1, ...) that begin with `name`,
/// without that name; empty if there is none before the image's data. Source: ITU-T T.81, annex B.
std::string_view jpeg_segment(std::string_view jpeg, unsigned char marker, std::string_view name);

/// How the camera was held, 1 (upright) to 8, by the EXIF data of a JPEG file; 1 if they do not
/// say. Source: CIPA DC-008, "Exchangeable image file format", tag 0x0112.
int exif_orientation(std::string_view jpeg);

/// The image upright.
ColorImage upright(ColorImage image, int orientation);

}  // namespace mnist
