#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <stdexcept>
#include <string_view>

namespace mnist {

/// Why a BMP file cannot be read: "cut short".
struct BmpError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A BMP file of 1, 4, 8, 16, 24 or 32 bits a pixel, not compressed. Source: Microsoft, "Bitmap
/// Storage".
class Bmp {
 public:
  /// Reads the header. Throws BmpError.
  explicit Bmp(std::string_view bytes);

  std::int64_t width() const { return width_; }
  std::int64_t height() const { return height_; }

  /// Decodes the pixels into a picture of that size. Throws BmpError.
  void decode(cv::Mat4b& picture) const;

 private:
  std::uint32_t number(std::size_t offset, std::size_t size) const;
  cv::Vec4b color_of(std::uint32_t pixel) const;

  std::string_view bytes_;
  std::size_t data_;
  std::size_t palette_;
  std::int64_t width_;
  std::int64_t height_;
  bool is_top_down_;
  std::uint32_t bits_;
  cv::Vec<std::uint32_t, 4> masks_;  ///< of red, green, blue and opacity
};

}  // namespace mnist
