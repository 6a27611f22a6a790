#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "image/color_image.h"

namespace mnist {

/// Why a BMP file cannot be read: "cut short".
struct BmpError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A BMP file's header, and what is behind it.
class Bmp {
 public:
  /// Reads the header. Throws BmpError.
  explicit Bmp(std::string_view bytes);

  std::int64_t width() const { return width_; }
  std::int64_t height() const { return height_; }

  /// Decodes 1, 2, 4, 8, 16, 24 or 32 bits a pixel, RLE4 and RLE8, of Windows and of OS/2. Sources:
  /// Microsoft, "Bitmap Storage"; J. D. Murray, W. vanRyper, "Encyclopedia of Graphics File
  /// Formats". Throws BmpError.
  ColorImage decode() const;

 private:
  std::size_t number(std::size_t offset, std::size_t size) const;
  std::string palette() const;
  void decode_indices(ColorImage& image) const;
  void decode_colors(ColorImage& image) const;
  std::string unpack_rows() const;

  std::string_view bytes_;
  std::size_t header_size_;
  std::int64_t width_;
  std::int64_t height_;
  bool is_top_down_ = false;
  std::size_t bits_;
  std::size_t compression_ = 0;
  std::size_t data_;
};

}  // namespace mnist
