#include "picture/picture_file.h"

#include <fmt/format.h>
#include <png.h>
#include <turbojpeg.h>

#include <memory>
#include <string_view>

#include "base/fail.h"
#include "base/file.h"
#include "picture/bmp.h"
#include "picture/exif.h"

namespace mnist {
namespace {

constexpr std::uintmax_t kMaxFileBytes = 512 << 20;
constexpr int kOpaque = 255;

/// A file in memory, as the decoders take it.
struct Source {
  const std::string& bytes;
  const std::string& name;  ///< for messages
  std::int64_t max_pixels;
};

[[noreturn]] void refuse(const Source& source, std::string_view reason) {
  fail(ErrorKind::kData, "{}: expected a PNG, JPEG or BMP image, found a broken one: {}",
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

/// Turns the four colors of print into those of light. Files that Adobe's programs have marked hold
/// the opposite of each.
void cmyk_to_rgba(cv::Mat4b& picture, bool is_inverted) {
  if (!is_inverted) cv::bitwise_not(picture, picture);
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
    const bool is_note = problem.find("extraneous bytes before marker 0xd9") != problem.npos;
    if (!is_note) refuse(source, problem);
  }
  if (is_cmyk) cmyk_to_rgba(picture, !jpeg_segment(source.bytes, 0xEE, "Adobe").empty());
  return picture;
}

cv::Mat4b read_bmp(const Source& source) {
  try {
    return decode_bmp(source.bytes, [&](std::int64_t width, std::int64_t height) {
      return picture_of(width, height, source);
    });
  } catch (const BmpError& error) {
    refuse(source, error.what());
  }
}

}  // namespace

cv::Mat4b decode_picture(const std::string& bytes, const std::string& name,
                         std::int64_t max_pixels) {
  const Source source{bytes, name, max_pixels};
  const auto begins_with = [&](std::string_view signature) { return bytes.starts_with(signature); };
  if (begins_with("\x89PNG")) return upright(decode_png(source), png_orientation(bytes));
  if (begins_with("\xff\xd8")) return upright(decode_jpeg(source), jpeg_orientation(bytes));
  if (begins_with("BM")) return read_bmp(source);
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
