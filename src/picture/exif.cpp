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

/// By the first directory of a TIFF file, which is what EXIF data are.
int orientation_in(std::string_view tiff) {
  const bool big_endian = tiff.starts_with('M');
  const std::size_t directory = number(tiff, 4, 4, big_endian);
  const std::size_t entries = number(tiff, directory, 2, big_endian);
  for (std::size_t i = 0; i < entries; ++i) {
    constexpr std::size_t kEntryBytes = 12;
    constexpr std::size_t kOrientation = 0x0112;
    const std::size_t entry = directory + 2 + i * kEntryBytes;
    if (number(tiff, entry, 2, big_endian) != kOrientation) continue;
    const std::size_t orientation = number(tiff, entry + 8, 2, big_endian);
    return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  }
  return 1;
}

}  // namespace

int exif_orientation(std::string_view file) {
  // The name of a JPEG's segment or of a PNG's chunk, and the first bytes of a TIFF file.
  for (const std::string_view start :
       {"Exif\0\0MM\0*"sv, "Exif\0\0II*\0"sv, "eXIfMM\0*"sv, "eXIfII*\0"sv}) {
    constexpr std::size_t kTiffBytes = 4;
    const std::size_t at = file.find(start);
    if (at != file.npos) return orientation_in(file.substr(at + start.size() - kTiffBytes));
  }
  return 1;
}

}  // namespace mnist
