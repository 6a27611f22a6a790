#include "picture/picture_file.h"

#include <fmt/format.h>
#include <png.h>
#include <turbojpeg.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "base/fail.h"
#include "base/file.h"

namespace mnist {
namespace {

constexpr std::uintmax_t kMaxFileBytes = 512 << 20;
constexpr int kOpaque = 255;

using std::literals::operator""sv;

/// A file in memory, as the decoders take it.
struct Source {
  const std::string& bytes;
  const std::string& name;  ///< for messages
  std::int64_t max_pixels;
};

[[noreturn]] void refuse(const Source& source, std::string_view reason) {
  fail(ErrorKind::kData, "{}: expected a PNG, JPEG or BMP image, found a corrupt one: {}",
       source.name, reason);
}

/// A picture of the size that a file's header claims, which is checked before memory is taken.
cv::Mat4b picture_of(std::int64_t width, std::int64_t height, const Source& source) {
  if (width < 1 || height < 1 || width > source.max_pixels / height) {
    fail(ErrorKind::kData, "{}: expected an image of 1 to {} pixels, found {} x {}", source.name,
         source.max_pixels, width, height);
  }
  return cv::Mat4b(static_cast<int>(height), static_cast<int>(width));
}

cv::Mat4b decode_png(const Source& source) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, decltype(&png_image_free)> guard(&header, png_image_free);
  if (png_image_begin_read_from_memory(&header, source.bytes.data(), source.bytes.size()) == 0) {
    refuse(source, header.message);
  }
  cv::Mat4b picture = picture_of(header.width, header.height, source);
  header.format = PNG_FORMAT_RGBA;
  // Without this flag libpng takes the values of 16-bit images as linear light.
  header.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  if (png_image_finish_read(&header, nullptr, picture.data, 0, nullptr) == 0) {
    refuse(source, header.message);
  }
  return picture;
}

/// Turns the four colors of print, which JPEG files hold inverted, into those of light.
void cmyk_to_rgba(cv::Mat4b& picture) {
  for (cv::Vec4b& pixel : picture) {
    for (int c = 0; c < 3; ++c) pixel[c] = static_cast<uchar>(pixel[c] * pixel[3] / kOpaque);
    pixel[3] = kOpaque;
  }
}

cv::Mat4b decode_jpeg(const Source& source) {
  const std::unique_ptr<void, decltype(&tjDestroy)> decoder(tjInitDecompress(), tjDestroy);
  // Some cameras leave the end marker out, or write notes of theirs instead.
  const std::string bytes = source.bytes + "\xff\xd9";
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int color_space = 0;
  if (tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &subsampling,
                          &color_space) != 0) {
    refuse(source, tjGetErrorStr2(decoder.get()));
  }
  cv::Mat4b picture = picture_of(width, height, source);
  const bool is_cmyk = color_space == TJCS_CMYK || color_space == TJCS_YCCK;
  if (tjDecompress2(decoder.get(), data, bytes.size(), picture.data, width, 0, height,
                    is_cmyk ? TJPF_CMYK : TJPF_RGBA, TJFLAG_LIMITSCANS) != 0) {
    // libjpeg only warns of a file that is cut short, and leaves the rest of the picture gray.
    const std::string_view problem = tjGetErrorStr2(decoder.get());
    const bool is_note =
        problem.find("extraneous bytes before marker 0xd9") != std::string_view::npos;
    if (!is_note) refuse(source, problem);
  }
  if (is_cmyk) cmyk_to_rgba(picture);
  return picture;
}

/// The number in these bytes; 0 if they end before.
std::size_t number(std::string_view bytes, std::size_t offset, std::size_t size,
                   bool big_endian = false) {
  if (offset > bytes.size() || size > bytes.size() - offset) return 0;
  std::size_t result = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t at = offset + (big_endian ? i : size - 1 - i);
    result = result << 8 | static_cast<unsigned char>(bytes[at]);
  }
  return result;
}

/// Source: Microsoft, "Bitmap Storage".
cv::Mat4b decode_bmp(const Source& source) {
  constexpr std::size_t kFileHeaderBytes = 14;
  constexpr std::size_t kRed = 0xFF0000;
  const std::string& bytes = source.bytes;
  const std::size_t header_bytes = number(bytes, kFileHeaderBytes, 4);
  const auto width = static_cast<std::int32_t>(number(bytes, 18, 4));
  const auto height = static_cast<std::int32_t>(number(bytes, 22, 4));  // negative: from the top
  const std::size_t bits = number(bytes, 28, 2);
  const std::size_t compression = number(bytes, 30, 4);
  const bool is_plain =
      compression == 0 && (bits == 1 || bits == 4 || bits == 8 || bits == 24 || bits == 32);
  const bool has_opacity = bits == 32 && (compression == 3 || compression == 6) &&
                           number(bytes, 54, 4) == kRed;  // its mask
  if (header_bytes < 40) refuse(source, "its header is that of OS/2, or cut short");
  if (!is_plain && !has_opacity) {
    fail(ErrorKind::kData,
         "{}: expected a BMP of 1, 4, 8, 24 or 32 bits without compression, found "
         "{} bits with compression {}",
         source.name, bits, compression);
  }
  cv::Mat4b picture = picture_of(width, std::abs(std::int64_t{height}), source);
  const std::size_t first_row = number(bytes, 10, 4);
  const std::size_t row_bytes = (static_cast<std::size_t>(width) * bits + 31) / 32 * 4;
  if (first_row + picture.rows * row_bytes > bytes.size()) refuse(source, "cut short");
  for (int y = 0; y < picture.rows; ++y) {
    const std::size_t row = first_row + static_cast<std::size_t>(y) * row_bytes;
    const int target = height < 0 ? y : picture.rows - 1 - y;
    for (int x = 0; x < picture.cols; ++x) {
      const std::size_t bit = static_cast<std::size_t>(x) * bits;
      std::size_t pixel = number(bytes, row + bit / 8, std::max(std::size_t{1}, bits / 8));
      if (bits < 8) pixel = pixel >> (8 - bits - bit % 8) & ((1U << bits) - 1);
      if (bits <= 8) pixel = number(bytes, kFileHeaderBytes + header_bytes + 4 * pixel, 4);
      picture(target, x) = cv::Vec4b(pixel >> 16 & 0xFF, pixel >> 8 & 0xFF, pixel & 0xFF,
                                     has_opacity ? pixel >> 24 : kOpaque);
    }
  }
  return picture;
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

/// How the camera was held, 1 (upright) to 8, by the EXIF data of a JPEG or PNG file; 1 if they do
/// not say. Sources: CIPA DC-008, "Exchangeable image file format", tag 0x0112; PNG (Third
/// Edition), eXIf.
int exif_orientation(std::string_view file) {
  // The name of a JPEG's segment or of a PNG's chunk, and the first bytes of a TIFF file.
  for (const std::string_view start :
       {"Exif\0\0MM\0*"sv, "Exif\0\0II*\0"sv, "eXIfMM\0*"sv, "eXIfII*\0"sv}) {
    constexpr std::size_t kTiffBytes = 4;
    const std::size_t at = file.find(start);
    if (at != std::string_view::npos)
      return orientation_in(file.substr(at + start.size() - kTiffBytes));
  }
  return 1;
}

/// The picture upright. `orientation` is that of EXIF, from 1.
cv::Mat4b rotated(cv::Mat4b picture, int orientation) {
  constexpr int kBoth = -1;
  constexpr int kTopToBottom = 0;
  constexpr int kLeftToRight = 1;
  if (orientation >= 5) cv::transpose(picture, picture);
  if (orientation == 3 || orientation == 7) cv::flip(picture, picture, kBoth);
  if (orientation == 4 || orientation == 8) cv::flip(picture, picture, kTopToBottom);
  if (orientation == 2 || orientation == 6) cv::flip(picture, picture, kLeftToRight);
  return picture;
}

}  // namespace

cv::Mat4b decode_picture(const std::string& bytes, const std::string& name,
                         std::int64_t max_pixels) {
  const Source source{bytes, name, max_pixels};
  if (bytes.starts_with("\x89PNG")) return rotated(decode_png(source), exif_orientation(bytes));
  if (bytes.starts_with("\xff\xd8")) return rotated(decode_jpeg(source), exif_orientation(bytes));
  if (bytes.starts_with("BM")) return decode_bmp(source);
  const std::string_view kind = file_kind(bytes);
  fail(ErrorKind::kData, "{}: expected a PNG, JPEG or BMP image, found {}", name,
       bytes.empty()  ? "an empty file"
       : kind.empty() ? "another kind of file"
                      : kind);
}

cv::Mat4b read_picture(const std::filesystem::path& file) {
  return decode_picture(read_file(file, ErrorKind::kData, kMaxFileBytes), full_name(file));
}

std::string encode_png(const GrayImage& image) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(image.width);
  header.height = static_cast<png_uint_32>(image.height);
  header.format = PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
  std::string bytes(size, '\0');
  if (png_image_write_to_memory(&header, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr) ==
      0) {
    fail(ErrorKind::kInternal, "a PNG could not be made: {}", header.message);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace mnist
