#include "picture/bmp.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdlib>
#include <string>

namespace mnist {
namespace {

constexpr std::uint32_t kNone = 0;
constexpr std::uint32_t kMasks = 3;
constexpr std::uint32_t kAlphaMasks = 6;
constexpr std::size_t kFileHeaderBytes = 14;
constexpr std::size_t kMasksOffset = 54;

}  // namespace

std::uint32_t Bmp::number(std::size_t offset, std::size_t size) const {
  if (offset > bytes_.size() || size > bytes_.size() - offset) throw BmpError("cut short");
  std::uint32_t result = 0;
  for (std::size_t i = size; i-- > 0;) {
    result = result << 8 | static_cast<unsigned char>(bytes_[offset + i]);
  }
  return result;
}

Bmp::Bmp(std::string_view bytes) : bytes_(bytes) {
  data_ = number(10, 4);
  const std::uint32_t header_bytes = number(kFileHeaderBytes, 4);
  palette_ = kFileHeaderBytes + header_bytes;
  width_ = static_cast<std::int32_t>(number(18, 4));
  height_ = static_cast<std::int32_t>(number(22, 4));
  is_top_down_ = height_ < 0;
  height_ = std::abs(height_);
  bits_ = number(28, 2);
  const std::uint32_t compression = number(30, 4);
  const bool has_masks = compression == kMasks || compression == kAlphaMasks;
  constexpr std::array<std::uint32_t, 6> kDepths{1, 4, 8, 16, 24, 32};
  const bool is_known = header_bytes >= 40 &&
                        std::find(kDepths.begin(), kDepths.end(), bits_) != kDepths.end() &&
                        (compression == kNone || (has_masks && (bits_ == 16 || bits_ == 32)));
  if (!is_known) {
    throw BmpError("a BMP of " + std::to_string(bits_) + " bits with compression " +
                   std::to_string(compression));
  }
  masks_ = {0xFF0000, 0xFF00, 0xFF, 0};
  if (bits_ == 16) masks_ = {0x7C00, 0x3E0, 0x1F, 0};
  if (!has_masks) return;
  const bool has_opacity = header_bytes >= 56 || compression == kAlphaMasks;
  for (int c = 0; c < (has_opacity ? 4 : 3); ++c) {
    masks_[c] = number(kMasksOffset + 4 * static_cast<std::size_t>(c), 4);
  }
}

cv::Vec4b Bmp::color_of(std::uint32_t pixel) const {
  if (bits_ <= 8) pixel = number(palette_ + 4 * std::size_t{pixel}, 4);
  cv::Vec4b color(0, 0, 0, 255);
  for (int c = 0; c < 4; ++c) {
    if (masks_[c] == 0) continue;
    const std::uint64_t value = (pixel & masks_[c]) >> std::countr_zero(masks_[c]);
    const std::uint64_t most = masks_[c] >> std::countr_zero(masks_[c]);
    color[c] = static_cast<uchar>(value * 255 / most);
  }
  return color;
}

void Bmp::decode(cv::Mat4b& picture) const {
  const std::size_t row_bytes = (static_cast<std::size_t>(width_) * bits_ + 31) / 32 * 4;
  for (int y = 0; y < picture.rows; ++y) {
    const std::size_t row = data_ + static_cast<std::size_t>(y) * row_bytes;
    const int target = is_top_down_ ? y : picture.rows - 1 - y;
    for (int x = 0; x < picture.cols; ++x) {
      const std::size_t bit = static_cast<std::size_t>(x) * bits_;
      std::uint32_t pixel = number(row + bit / 8, std::max(1U, bits_ / 8));
      if (bits_ < 8) pixel = pixel >> (8 - bits_ - bit % 8) & ((1U << bits_) - 1);
      picture(target, x) = color_of(pixel);
    }
  }
}

}  // namespace mnist
