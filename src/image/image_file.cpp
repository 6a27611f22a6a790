#include "image/image_file.h"

#include <fmt/format.h>
#include <png.h>
#include <turbojpeg.h>

#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "base/fail.h"
#include "base/file.h"
#include "image/bmp.h"
#include "image/jpeg_segments.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxFileBytes = 512 << 20;
constexpr int kOpaque = 255;
constexpr std::string_view kEndMark = "\xff\xd9";  // of a JPEG file

/// An image file in memory, as the decoders take it.
struct Source {
  const std::string& bytes;
  const std::string& name;  ///< for messages
  std::int64_t max_pixels;

  const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }
};

[[noreturn]] void refuse(const std::string& name, std::string_view reason) {
  fail(ErrorKind::kData,
       "{}: expected a PNG, JPEG or BMP image, found none that can be read ({}); give a whole "
       "image of one of these kinds",
       name, reason);
}

/// Refuses the size that a file's header claims before memory is taken for the pixels.
void check_size(std::int64_t width, std::int64_t height, const Source& source) {
  if (width < 1 || height < 1) {
    refuse(source.name, fmt::format("its header gives the size as {} x {}", width, height));
  }
  if (width > source.max_pixels / height) {
    fail(ErrorKind::kData,
         "{}: expected an image of 1 to {} pixels, found {} x {}; make it smaller", source.name,
         source.max_pixels, width, height);
  }
}

ColorImage decode_png(const Source& source) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, decltype(&png_image_free)> guard(&header, png_image_free);
  if (png_image_begin_read_from_memory(&header, source.data(), source.bytes.size()) == 0) {
    refuse(source.name, header.message);
  }
  check_size(header.width, header.height, source);
  ColorImage image(header.width, header.height);
  header.format = PNG_FORMAT_RGBA;
  // Without this flag libpng takes the values of 16-bit images as linear light.
  header.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  if (png_image_finish_read(&header, nullptr, image.rgba.data(), 0, nullptr) == 0) {
    refuse(source.name, header.message);
  }
  return image;
}

/// Ink of the four colours of print on white. Files that Adobe's programs have marked hold the
/// opposite of each.
void to_rgb(ColorImage& cmyk, bool is_inverted) {
  for (std::size_t i = 0; i < cmyk.rgba.size(); i += ColorImage::kChannels) {
    std::uint8_t* pixel = &cmyk.rgba[i];
    const auto light = [&](std::size_t c) { return is_inverted ? pixel[c] : kOpaque - pixel[c]; };
    const int black = light(3);
    for (std::size_t c = 0; c < 3; ++c) {
      pixel[c] = static_cast<std::uint8_t>(light(c) * black / kOpaque);
    }
    pixel[3] = kOpaque;
  }
}

/// The number of bytes between a JPEG image and its end mark, by what libjpeg says of them.
std::size_t extraneous_bytes(std::string_view message) {
  const std::size_t end = message.find(" extraneous bytes");
  if (end == message.npos) return 0;
  return std::strtoul(message.data() + message.rfind(' ', end - 1) + 1, nullptr, 10);
}

ColorImage decode_jpeg(const Source& source) {
  const std::unique_ptr<void, decltype(&tjDestroy)> decoder(tjInitDecompress(), tjDestroy);
  // Some cameras leave the end mark out, or have notes of theirs instead. With a mark right behind
  // the last row, only a file whose rows end too early is broken.
  std::string bytes = source.bytes + std::string(kEndMark);
  for (bool is_last_try = false;; is_last_try = true) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    int width = 0;
    int height = 0;
    int subsampling = 0;
    int color_space = 0;
    if (tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &subsampling,
                            &color_space) != 0) {
      refuse(source.name, tjGetErrorStr2(decoder.get()));
    }
    check_size(width, height, source);
    ColorImage image(width, height);
    const bool is_cmyk = color_space == TJCS_CMYK || color_space == TJCS_YCCK;
    // libjpeg only warns of a file that is cut short, and leaves the rest of the image grey.
    constexpr int kFlags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
    if (tjDecompress2(decoder.get(), data, bytes.size(), image.rgba.data(), width, 0, height,
                      is_cmyk ? TJPF_CMYK : TJPF_RGBA, kFlags) == 0) {
      if (is_cmyk) to_rgb(image, !jpeg_segment(source.bytes, 0xEE, "Adobe").empty());
      return upright(std::move(image), exif_orientation(source.bytes));
    }
    const char* problem = tjGetErrorStr2(decoder.get());
    const std::size_t rest = extraneous_bytes(problem) + kEndMark.size();
    if (is_last_try || rest == kEndMark.size() || rest > bytes.size()) {
      refuse(source.name, problem);
    }
    bytes.replace(bytes.size() - rest, rest, kEndMark);
  }
}

ColorImage decode_bmp(const Source& source) {
  try {
    const Bmp bmp(source.bytes);
    check_size(bmp.width(), bmp.height(), source);
    return bmp.decode();
  } catch (const BmpError& error) {
    refuse(source.name, error.what());
  }
}

ColorImage decode(const Source& source) {
  const auto starts_with = [&](std::string_view magic) {
    return std::string_view(source.bytes).substr(0, magic.size()) == magic;
  };
  if (starts_with("\x89PNG")) return decode_png(source);
  if (starts_with("\xff\xd8")) return decode_jpeg(source);
  if (starts_with("BM")) return decode_bmp(source);
  const auto kind = file_kind(source.bytes);
  fail(ErrorKind::kData, "{}: expected a PNG, JPEG or BMP image, found {}", source.name,
       source.bytes.empty() ? "an empty file"
       : kind.empty()       ? "another kind of file"
                            : kind);
}

/// Some programs write an opacity of 0 everywhere where they mean none.
ColorImage with_some_opacity(ColorImage image) {
  for (std::size_t i = 3; i < image.rgba.size(); i += ColorImage::kChannels) {
    if (image.rgba[i] != 0) return image;
  }
  for (std::size_t i = 3; i < image.rgba.size(); i += ColorImage::kChannels)
    image.rgba[i] = kOpaque;
  return image;
}

}  // namespace

ColorImage decode_image(const std::string& bytes, const std::string& name,
                        std::int64_t max_pixels) {
  return with_some_opacity(decode({bytes, name, max_pixels}));
}

ColorImage read_image(const fs::path& file) {
  return decode_image(read_file(file, ErrorKind::kData, kMaxFileBytes), full_name(file));
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
