#pragma once

#include <opencv2/core.hpp>
#include <string_view>

namespace mnist {

/// The contents of the first segment with this marker (0xE1 for APP1, ...) that begin with `name`,
/// without that name; empty if there is none before the picture's data. Source: ITU-T T.81, annex
/// B.
std::string_view jpeg_segment(std::string_view jpeg, unsigned char marker, std::string_view name);

/// How the camera was held, 1 (upright) to 8, by the EXIF data of a file; 1 if they do not say.
/// Sources: CIPA DC-008, "Exchangeable image file format", tag 0x0112; PNG (Third Edition), eXIf.
int jpeg_orientation(std::string_view jpeg);
int png_orientation(std::string_view png);

/// The picture upright.
cv::Mat4b upright(cv::Mat4b picture, int orientation);

}  // namespace mnist
