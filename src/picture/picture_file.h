#pragma once

#include <cstdint>
#include <filesystem>
#include <opencv2/core.hpp>
#include <string>

#include "picture/gray_image.h"

namespace mnist {

/// A larger picture is refused as soon as its header is read, before memory is taken for its
/// pixels.
constexpr std::int64_t kMaxPicturePixels = 64'000'000;

/// Decodes a PNG, JPEG or BMP file of any bit depth, upright as its EXIF data say, to red, green,
/// blue and opacity. Throws Error(kData) if `bytes` are no such file, are broken or cut short, or
/// have more than `max_pixels`; `name` is the file's name for the message.
cv::Mat4b decode_picture(const std::string& bytes, const std::string& name,
                         std::int64_t max_pixels = kMaxPicturePixels);

/// Reads and decodes a file. Throws Error(kData) also if it cannot be read.
cv::Mat4b read_picture(const std::filesystem::path& file);

/// The bytes of a PNG file of 8-bit gray. The same image always gives the same bytes.
std::string encode_png(const GrayImage& image);

}  // namespace mnist
