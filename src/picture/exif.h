#pragma once

#include <string_view>

namespace mnist {

/// How the camera was held, 1 (upright) to 8, by the EXIF data of a JPEG or PNG file; 1 if they do
/// not say. Sources: CIPA DC-008, "Exchangeable image file format", tag 0x0112; PNG (Third
/// Edition), eXIf.
int exif_orientation(std::string_view file);

}  // namespace mnist
