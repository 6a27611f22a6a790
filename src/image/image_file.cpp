#include "image/image_file.h"

#include <png.h>
#include <turbojpeg.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "mnist_train/error.h"

// stb_image reads BMP only: its readers of PNG and JPEG write out of bounds on some broken files.
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#include <stb/stb_image.h>

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxFileBytes = 512 << 20;  // stb_image counts bytes in an int

/// An image file in memory, as the decoders take it.
struct Source {
  const std::string& bytes;
  const std::string& name;  ///< for messages
  std::int64_t max_pixels;

  const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }
};

[[noreturn]] void refuse(const std::string& name, std::string_view reason) {
  fail(ExitCode::kData,
       "{}: expected a PNG, JPEG or BMP image, found none that can be read ({}); give a whole "
       "image of one of these kinds",
       name, reason);
}

/// An image of the size that a file's header claims, with room for its pixels.
ColorImage make_image(std::int64_t width, std::int64_t height, const Source& source) {
  if (width < 1 || height < 1 || width > source.max_pixels / height) {
    fail(ExitCode::kData, "{}: expected an image of 1 to {} pixels, found {} x {}; make it smaller",
         source.name, source.max_pixels, width, height);
  }
  return {width, height};
}

ColorImage decode_png(const Source& source) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, decltype(&png_image_free)> guard(&header, png_image_free);
  if (png_image_begin_read_from_memory(&header, source.data(), source.bytes.size()) == 0) {
    refuse(source.name, header.message);
  }
  ColorImage image = make_image(header.width, header.height, source);
  header.format = PNG_FORMAT_RGBA;
  // Without this flag libpng takes the values of 16-bit images as linear light.
  header.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  if (png_image_finish_read(&header, nullptr, image.rgba.data(), 0, nullptr) == 0) {
    refuse(source.name, header.message);
  }
  return image;
}

ColorImage decode_jpeg(const Source& source) {
  const std::unique_ptr<void, decltype(&tjDestroy)> decoder(tjInitDecompress(), tjDestroy);
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int color_space = 0;
  if (tjDecompressHeader3(decoder.get(), source.data(), source.bytes.size(), &width, &height,
                          &subsampling, &color_space) != 0) {
    refuse(source.name, tjGetErrorStr2(decoder.get()));
  }
  ColorImage image = make_image(width, height, source);
  // libjpeg only warns of a file that is cut short, and leaves the rest of the image grey.
  constexpr int kFlags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
  if (tjDecompress2(decoder.get(), source.data(), source.bytes.size(), image.rgba.data(), width, 0,
                    height, TJPF_RGBA, kFlags) != 0) {
    refuse(source.name, tjGetErrorStr2(decoder.get()));
  }
  return image;
}

/// A number in a BMP header, which is little-endian. Source: Microsoft, "Bitmap Storage".
std::int64_t bmp_number(const Source& source, std::size_t offset, std::size_t bytes) {
  std::int64_t number = 0;
  for (std::size_t i = bytes; i-- > 0;) number = number << 8 | source.data()[offset + i];
  return number;
}

/// Whether the file is large enough to hold all rows of an uncompressed BMP.
bool holds_bmp_rows(const Source& source, std::int64_t width, std::int64_t height) {
  constexpr std::int64_t kOldHeaderBytes = 12;
  constexpr std::size_t kLeastBytes = 30;  // the oldest header and one row
  if (source.bytes.size() < kLeastBytes) return false;
  const bool is_old = bmp_number(source, 14, 4) == kOldHeaderBytes;
  const std::int64_t bits = bmp_number(source, is_old ? 24 : 28, 2);
  const std::int64_t row_bytes = (width * bits + 31) / 32 * 4;
  const std::int64_t begin = bmp_number(source, 10, 4);
  return begin + row_bytes * height <= static_cast<std::int64_t>(source.bytes.size());
}

ColorImage decode_bmp(const Source& source) {
  const int size = static_cast<int>(source.bytes.size());
  int width = 0;
  int height = 0;
  if (stbi_info_from_memory(source.data(), size, &width, &height, nullptr) == 0) {
    refuse(source.name, stbi_failure_reason());
  }
  // The height is negative in a file whose first row is the top one.
  ColorImage image = make_image(width, std::abs(std::int64_t{height}), source);
  if (!holds_bmp_rows(source, image.width, image.height)) refuse(source.name, "cut short");
  const std::unique_ptr<stbi_uc, decltype(&stbi_image_free)> pixels(
      stbi_load_from_memory(source.data(), size, &width, &height, nullptr, ColorImage::kChannels),
      stbi_image_free);
  if (pixels == nullptr) refuse(source.name, stbi_failure_reason());
  std::copy_n(pixels.get(), image.rgba.size(), image.rgba.begin());
  return image;
}

ColorImage decode(const Source& source) {
  const auto starts_with = [&](std::string_view magic) {
    return std::string_view(source.bytes).substr(0, magic.size()) == magic;
  };
  if (starts_with("\x89PNG")) return decode_png(source);
  if (starts_with("\xff\xd8")) return decode_jpeg(source);
  if (starts_with("BM")) return decode_bmp(source);
  refuse(source.name, source.bytes.empty() ? "an empty file" : "another kind of file");
}

}  // namespace

ColorImage decode_image(const std::string& bytes, const std::string& name, std::int64_t max_pixels) {
  return decode({bytes, name, max_pixels});
}

ColorImage read_image(const fs::path& file) {
  const std::string name = full_name(file);
  const FileContents contents = read_file(file, kMaxFileBytes);
  if (!contents.problem.empty()) {
    fail(ExitCode::kData, "{}: cannot be read: {}; check its path and permissions", name,
         contents.problem);
  }
  return decode_image(contents.bytes, name);
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
    fail(ExitCode::kInternal, "a PNG could not be made: {}", header.message);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace mnist
