#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "image/gray_image.h"

namespace mnist {

/// Larger images are refused by their header, before memory is taken for them.
constexpr std::int64_t kMaxImagePixels = 64'000'000;

/// The picture that a PNG, JPEG or BMP file holds, of any depth: colours by their luminance, and
/// what is transparent as a ground that its ink stands out from. Throws Error(kData) if `bytes` are
/// no such file, a broken one, or of more pixels; `name` is for the message.
GrayImage decode_image(const std::string& bytes, const std::string& name,
                       std::int64_t max_pixels = kMaxImagePixels);

/// The same from a file. Throws Error(kData) if it cannot be read, too.
GrayImage read_image(const std::filesystem::path& file);

/// The bytes of a PNG file, the same for the same picture.
std::string encode_png(const GrayImage& image);

}  // namespace mnist
