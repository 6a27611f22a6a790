#include "picture/exif.h"

#include <cstddef>

namespace mnist {
namespace {

using std::literals::operator""sv;

/// The number in these bytes; 0 if they end before.
std::size_t number(std::string_view bytes, std::size_t offset, std::size_t size, bool big_endian) {
  if (offset > bytes.size() || size > bytes.size() - offset) return 0;
  std::size_t result = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t at = offset + (big_endian ? i : size - 1 - i);
    result = result << 8 | static_cast<unsigned char>(bytes[at]);
  }
  return result;
}

int orientation_of(std::string_view tiff) {
  if (!tiff.starts_with("MM") && !tiff.starts_with("II")) return 1;
  const bool big_endian = tiff[0] == 'M';
  const std::size_t directory = number(tiff, 4, 4, big_endian);
  const std::size_t entries = number(tiff, directory, 2, big_endian);
  for (std::size_t i = 0; i < entries; ++i) {
    constexpr std::size_t kEntryBytes = 12;
    constexpr std::size_t kOrientation = 0x0112;
    const std::size_t entry = directory + 2 + i * kEntryBytes;
    if (number(tiff, entry, 2, big_endian) != kOrientation) continue;
    constexpr std::size_t kLong = 4;  // the type that some write instead of SHORT
    const std::size_t bytes = number(tiff, entry + 2, 2, big_endian) == kLong ? 4 : 2;
    const std::size_t orientation = number(tiff, entry + 8, bytes, big_endian);
    return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  }
  return 1;
}

}  // namespace

std::string_view jpeg_segment(std::string_view jpeg, unsigned char marker, std::string_view name) {
  constexpr unsigned char kStartOfScan = 0xDA;
  std::size_t at = 2;
  while (at + 4 <= jpeg.size() && jpeg[at] == '\xff') {
    const auto found = static_cast<unsigned char>(jpeg[at + 1]);
    if (found == 0xFF) {  // a filler
      ++at;
      continue;
    }
    if (found == kStartOfScan) break;
    const std::size_t size = number(jpeg, at + 2, 2, true);
    if (size < 2) break;
    const std::string_view contents = jpeg.substr(at + 4, size - 2);
    if (found == marker && contents.size() > name.size() && contents.starts_with(name)) {
      return contents.substr(name.size());
    }
    at += 2 + size;
  }
  return {};
}

int jpeg_orientation(std::string_view jpeg) {
  return orientation_of(jpeg_segment(jpeg, 0xE1, "Exif\0\0"sv));
}

int png_orientation(std::string_view png) {
  constexpr std::size_t kChunkBytes = 12;  // without its contents
  for (std::size_t at = 8; at + kChunkBytes <= png.size();) {
    const std::size_t size = number(png, at, 4, true);
    if (png.substr(at + 4, 4) == "eXIf") return orientation_of(png.substr(at + 8, size));
    at += kChunkBytes + size;
  }
  return 1;
}

cv::Mat4b upright(cv::Mat4b picture, int orientation) {
  constexpr int kBoth = -1;
  constexpr int kTopToBottom = 0;
  constexpr int kLeftToRight = 1;
  if (orientation >= 5) cv::transpose(picture, picture);
  if (orientation == 3 || orientation == 7) cv::flip(picture, picture, kBoth);
  if (orientation == 4 || orientation == 8) cv::flip(picture, picture, kTopToBottom);
  if (orientation == 2 || orientation == 6) cv::flip(picture, picture, kLeftToRight);
  return picture;
}

}  // namespace mnist
