#pragma once

#include <cstdint>
#include <functional>
#include <opencv2/core.hpp>
#include <stdexcept>
#include <string_view>

namespace mnist {

/// Why a BMP file cannot be read: "cut short".
struct BmpError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Decodes a BMP file of 1, 4, 8, 16, 24 or 32 bits a pixel, not compressed, to red, green, blue
/// and opacity. `make` gets the width and height that the header claims, and returns a picture of
/// that size. Throws BmpError. Source: Microsoft, "Bitmap Storage".
cv::Mat4b decode_bmp(std::string_view bytes,
                     const std::function<cv::Mat4b(std::int64_t, std::int64_t)>& make);

}  // namespace mnist
