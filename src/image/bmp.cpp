#include "image/bmp.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

namespace mnist {
namespace {

enum Compression : std::size_t { kNone = 0, kRle8 = 1, kRle4 = 2, kMasks = 3, kAlphaMasks = 6 };
constexpr std::size_t kFileHeaderBytes = 14;
constexpr std::size_t kOldHeaderBytes = 12;
constexpr std::size_t kMasksOffset = 54;

/// Makes all of it opaque if the colours alone show something. The fourth byte of a pixel has no
/// meaning in a BMP without masks; some programs write opacity there, and others anything.
void ignore_opacity(ColorImage& image) {
  constexpr std::size_t kPixel = ColorImage::kChannels;
  std::vector<std::uint8_t>& rgba = image.rgba;
  bool is_one_color = true;
  for (std::size_t i = kPixel; i < rgba.size() && is_one_color; i += kPixel) {
    is_one_color = std::equal(&rgba[i], &rgba[i] + 3, rgba.data());
  }
  for (std::size_t i = 3; i < rgba.size() && !is_one_color; i += kPixel) rgba[i] = 255;
}

}  // namespace

std::size_t Bmp::number(std::size_t offset, std::size_t size) const {
  if (offset > bytes_.size() || size > bytes_.size() - offset) throw BmpError("cut short");
  std::size_t result = 0;
  for (std::size_t i = size; i-- > 0;) {
    result = result << 8 | static_cast<unsigned char>(bytes_[offset + i]);
  }
  return result;
}

Bmp::Bmp(std::string_view bytes) : bytes_(bytes), header_size_(number(kFileHeaderBytes, 4)) {
  data_ = number(10, 4);
  if (header_size_ == kOldHeaderBytes) {
    width_ = static_cast<std::int64_t>(number(18, 2));
    height_ = static_cast<std::int64_t>(number(20, 2));
    bits_ = number(24, 2);
  } else {
    width_ = static_cast<std::int32_t>(number(18, 4));
    height_ = static_cast<std::int32_t>(number(22, 4));
    is_top_down_ = height_ < 0;
    height_ = std::abs(height_);
    bits_ = number(28, 2);
    if (header_size_ >= 20) compression_ = number(30, 4);
  }
  constexpr std::array<std::size_t, 7> kDepths{1, 2, 4, 8, 16, 24, 32};
  const bool is_known =
      compression_ == kNone || (compression_ == kRle8 && bits_ == 8) ||
      (compression_ == kRle4 && bits_ == 4) ||
      ((compression_ == kMasks || compression_ == kAlphaMasks) && (bits_ == 16 || bits_ == 32));
  if (!is_known || std::find(kDepths.begin(), kDepths.end(), bits_) == kDepths.end()) {
    throw BmpError("a BMP of " + std::to_string(bits_) + " bits with compression " +
                   std::to_string(compression_));
  }
}

std::string Bmp::palette() const {
  const std::size_t entry = header_size_ == kOldHeaderBytes ? 3 : 4;
  const std::size_t begin = kFileHeaderBytes + header_size_;
  const std::size_t used = header_size_ >= 40 ? number(46, 4) : 0;
  const std::size_t most = std::size_t{1} << bits_;
  const std::size_t count = used == 0 ? most : std::min(used, most);
  std::string colors(most * 3, '\0');
  for (std::size_t i = 0; i < count && begin + (i + 1) * entry <= bytes_.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) colors[3 * i + c] = bytes_[begin + i * entry + 2 - c];
  }
  return colors;
}

std::string Bmp::unpack_rows() const {
  std::string indices(static_cast<std::size_t>(width_ * height_), '\0');
  std::int64_t x = 0;
  std::int64_t y = 0;
  const auto put = [&](std::size_t index) {
    if (x < width_ && y < height_) indices[y * width_ + x] = static_cast<char>(index);
    ++x;
  };
  // The nth of the pixels that share a byte, or of those that two halves of one repeat.
  const auto part = [&](std::size_t byte, std::size_t n) {
    if (bits_ == 8) return byte;
    return n % 2 == 0 ? byte >> 4 : byte & 15;
  };
  for (std::size_t at = data_; y < height_;) {
    const std::size_t count = number(at, 1);
    const std::size_t value = number(at + 1, 1);
    at += 2;
    if (count > 0) {
      for (std::size_t i = 0; i < count; ++i) put(part(value, i));
    } else if (value == 0) {  // end of the row
      x = 0;
      ++y;
    } else if (value == 1) {  // end of the image
      break;
    } else if (value == 2) {  // go on elsewhere
      x += static_cast<std::int64_t>(number(at, 1));
      y += static_cast<std::int64_t>(number(at + 1, 1));
      at += 2;
    } else {  // so many pixels as they are, filled up to an even number of bytes
      for (std::size_t i = 0; i < value; ++i) put(part(number(at + i * bits_ / 8, 1), i));
      at += ((value * bits_ + 7) / 8 + 1) / 2 * 2;
    }
  }
  return indices;
}

void Bmp::decode_indices(ColorImage& image) const {
  const std::string colors = palette();
  const std::string unpacked = compression_ == kNone ? "" : unpack_rows();
  const std::size_t row_bytes = (width_ * bits_ + 31) / 32 * 4;
  for (std::int64_t y = 0; y < height_; ++y) {
    std::uint8_t* out = &image.rgba[(is_top_down_ ? y : height_ - 1 - y) * width_ * 4];
    for (std::int64_t x = 0; x < width_; ++x, out += 4) {
      std::size_t index = 0;
      if (compression_ == kNone) {
        const std::size_t bit = x * bits_;
        const auto byte = static_cast<unsigned char>(bytes_[data_ + y * row_bytes + bit / 8]);
        index = byte >> (8 - bits_ - bit % 8) & ((1U << bits_) - 1);
      } else {
        index = static_cast<unsigned char>(unpacked[y * width_ + x]);
      }
      std::copy_n(colors.begin() + static_cast<std::ptrdiff_t>(3 * index), 3, out);
      out[3] = 255;
    }
  }
}

void Bmp::decode_colors(ColorImage& image) const {
  std::array<std::size_t, 4> masks{0xFF0000, 0xFF00, 0xFF, bits_ == 32 ? 0xFF000000 : 0};
  if (bits_ == 16) masks = {0x7C00, 0x3E0, 0x1F, 0};
  if (compression_ != kNone) {
    for (std::size_t c = 0; c < 3; ++c) masks[c] = number(kMasksOffset + 4 * c, 4);
    const bool has_alpha = header_size_ >= 56 || compression_ == kAlphaMasks;
    masks[3] = has_alpha ? number(kMasksOffset + 12, 4) : 0;
  }
  const std::size_t row_bytes = (width_ * bits_ + 31) / 32 * 4;
  for (std::int64_t y = 0; y < height_; ++y) {
    std::uint8_t* out = &image.rgba[(is_top_down_ ? y : height_ - 1 - y) * width_ * 4];
    for (std::int64_t x = 0; x < width_; ++x) {
      const std::size_t pixel = number(data_ + y * row_bytes + x * bits_ / 8, bits_ / 8);
      for (std::size_t c = 0; c < 4; ++c) {
        const int shift = masks[c] == 0 ? 0 : std::countr_zero(masks[c]);
        const std::size_t most = masks[c] >> shift;
        const std::size_t value = (pixel & masks[c]) >> shift;
        *out++ = static_cast<std::uint8_t>(most == 0 ? (c == 3 ? 255 : 0) : value * 255 / most);
      }
    }
  }
}

ColorImage Bmp::decode() const {
  const std::size_t row_bytes = (width_ * bits_ + 31) / 32 * 4;
  const bool has_rows = compression_ != kRle4 && compression_ != kRle8;
  if (data_ > bytes_.size() || (has_rows && row_bytes * height_ > bytes_.size() - data_)) {
    throw BmpError("cut short");
  }
  ColorImage image(width_, height_);
  if (bits_ <= 8) {
    decode_indices(image);
  } else {
    decode_colors(image);
    if (compression_ == kNone) ignore_opacity(image);
  }
  return image;
}

}  // namespace mnist
