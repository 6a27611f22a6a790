#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "image/color_image.h"
#include "image/gray_image.h"

namespace mnist {

/// A larger image is refused as soon as its header is read, before memory is taken for its pixels.
constexpr std::int64_t kMaxImagePixels = 64'000'000;

/// Decodes a PNG, JPEG or BMP file of any bit depth. Colours become grey by their brightness, and
/// transparent pixels become a ground on which the ink stands out. Throws Error(kData) if `bytes`
/// are no such file, are broken, or have more than `max_pixels`; `name` is the file's name for the
/// message.
ColorImage decode_image(const std::string& bytes, const std::string& name,
                        std::int64_t max_pixels = kMaxImagePixels);

/// Reads and decodes a file. Throws Error(kData) also if it cannot be read.
ColorImage read_image(const std::filesystem::path& file);

/// The bytes of a PNG file of 8-bit grey. The same image always gives the same bytes.
std::string encode_png(const GrayImage& image);

}  // namespace mnist
