#include "picture/bmp.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdlib>
#include <string>

namespace mnist {
namespace {

/// What a file says before its pixels.
struct Header {
  std::size_t pixels;   ///< where they begin
  std::size_t palette;  ///< where it begins
  std::int64_t width;
  std::int64_t height;  ///< negative if the first row is the upper one
  std::uint32_t bits;
  cv::Vec<std::uint32_t, 4> masks;  ///< of red, green, blue and opacity
};

std::uint32_t number(std::string_view bytes, std::size_t offset, std::size_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) throw BmpError("cut short");
  std::uint32_t result = 0;
  for (std::size_t i = size; i-- > 0;) {
    result = result << 8 | static_cast<unsigned char>(bytes[offset + i]);
  }
  return result;
}

Header read_header(std::string_view bytes) {
  constexpr std::size_t kFileHeaderBytes = 14;
  constexpr std::uint32_t kNotCompressed = 0;
  constexpr std::uint32_t kMasks = 3;
  constexpr std::uint32_t kAlphaMasks = 6;
  constexpr std::array<std::uint32_t, 6> kDepths{1, 4, 8, 16, 24, 32};
  const std::uint32_t header_bytes = number(bytes, kFileHeaderBytes, 4);
  const std::uint32_t bits = number(bytes, 28, 2);
  const std::uint32_t compression = number(bytes, 30, 4);
  const bool has_masks =
      (compression == kMasks || compression == kAlphaMasks) && (bits == 16 || bits == 32);
  if (header_bytes < 40 || std::find(kDepths.begin(), kDepths.end(), bits) == kDepths.end() ||
      (compression != kNotCompressed && !has_masks)) {
    throw BmpError("a BMP of " + std::to_string(bits) + " bits with compression " +
                   std::to_string(compression));
  }
  Header header{number(bytes, 10, 4),
                kFileHeaderBytes + header_bytes,
                static_cast<std::int32_t>(number(bytes, 18, 4)),
                static_cast<std::int32_t>(number(bytes, 22, 4)),
                bits,
                {0xFF0000, 0xFF00, 0xFF, 0}};
  if (bits == 16) header.masks = {0x7C00, 0x3E0, 0x1F, 0};
  const bool has_opacity = header_bytes >= 56 || compression == kAlphaMasks;
  for (int c = 0; c < (has_opacity ? 4 : 3) && has_masks; ++c) {
    header.masks[c] = number(bytes, 54 + 4 * static_cast<std::size_t>(c), 4);
  }
  return header;
}

cv::Vec4b color_of(std::uint32_t pixel, const cv::Vec<std::uint32_t, 4>& masks) {
  cv::Vec4b color(0, 0, 0, 255);
  for (int c = 0; c < 4; ++c) {
    if (masks[c] == 0) continue;
    const int shift = std::countr_zero(masks[c]);
    const std::uint64_t value = (pixel & masks[c]) >> shift;
    color[c] = static_cast<uchar>(value * 255 / (masks[c] >> shift));
  }
  return color;
}

}  // namespace

cv::Mat4b decode_bmp(std::string_view bytes,
                     const std::function<cv::Mat4b(std::int64_t, std::int64_t)>& make) {
  const Header header = read_header(bytes);
  const std::uint32_t bits = header.bits;
  cv::Mat4b picture = make(header.width, std::abs(header.height));
  const std::size_t row_bytes = (static_cast<std::size_t>(header.width) * bits + 31) / 32 * 4;
  for (int y = 0; y < picture.rows; ++y) {
    const std::size_t row = header.pixels + static_cast<std::size_t>(y) * row_bytes;
    const int target = header.height < 0 ? y : picture.rows - 1 - y;
    for (int x = 0; x < picture.cols; ++x) {
      const std::size_t bit = static_cast<std::size_t>(x) * bits;
      std::uint32_t pixel = number(bytes, row + bit / 8, std::max(1U, bits / 8));
      if (bits < 8) pixel = pixel >> (8 - bits - bit % 8) & ((1U << bits) - 1);
      if (bits <= 8) pixel = number(bytes, header.palette + 4 * std::size_t{pixel}, 4);
      picture(target, x) = color_of(pixel, header.masks);
    }
  }
  return picture;
}

}  // namespace mnist
