#include "mnist_train/image_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>

#include "mnist_train/error.h"

// The formats that we promise, and nothing that opens files by itself.
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#include <stb/stb_image.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxFileBytes = 256 << 20;
constexpr int kGrayAndAlpha = 2;
constexpr std::int64_t kOpaque = 255;
constexpr std::int64_t kWhite = 255;

[[noreturn]] void refuse(const std::string& name, const std::string& problem,
                         const std::string& remedy) {
  throw Error(ExitCode::kData, name + ": " + problem + "; " + remedy);
}

[[noreturn]] void refuse_size(const std::string& name) {
  refuse(name, "expected a file of at most 256 MiB, found a larger one", "make it smaller");
}

[[noreturn]] void refuse_content(const std::string& name) {
  const char* const reason = stbi_failure_reason();
  refuse(name,
         std::string("expected a PNG, JPEG or BMP image, found none that can be read") +
             (reason == nullptr ? "" : std::string(" (") + reason + ")"),
         "give an image of one of these kinds");
}

/// The ground that shows through: white under dark ink, black under light ink.
std::int64_t ground_under(const std::uint8_t* pixels, std::int64_t count) {
  std::int64_t ink = 0;
  std::int64_t alphas = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t alpha = pixels[kGrayAndAlpha * i + 1];
    ink += pixels[kGrayAndAlpha * i] * alpha;
    alphas += alpha;
  }
  return 2 * ink < kWhite * alphas ? kWhite : 0;
}

/// Lays pixels of grey and alpha on a ground.
GrayImage flatten(const std::uint8_t* pixels, std::int64_t width, std::int64_t height) {
  GrayImage image(width, height);
  const std::int64_t ground = ground_under(pixels, width * height);
  for (std::uint8_t& pixel : image.pixels) {
    const std::int64_t gray = pixels[0];
    const std::int64_t alpha = pixels[1];
    pixel = static_cast<std::uint8_t>((gray * alpha + ground * (kOpaque - alpha)) / kOpaque);
    pixels += kGrayAndAlpha;
  }
  return image;
}

void append(void* text, void* data, int size) {
  static_cast<std::string*>(text)->append(static_cast<const char*>(data),
                                          static_cast<std::size_t>(size));
}

}  // namespace

GrayImage decode_image(const std::string& bytes, const std::string& name) {
  if (bytes.size() > kMaxFileBytes) refuse_size(name);
  const auto* const data = reinterpret_cast<const stbi_uc*>(bytes.data());
  const int size = static_cast<int>(bytes.size());
  int width = 0;
  int height = 0;
  if (stbi_info_from_memory(data, size, &width, &height, nullptr) == 0) refuse_content(name);
  if (width < 1 || height < 1 || std::int64_t{width} * height > kMaxImagePixels) {
    refuse(name,
           "expected an image of 1 to " + std::to_string(kMaxImagePixels) + " pixels, found " +
               std::to_string(width) + " x " + std::to_string(height),
           "make it smaller");
  }
  const std::unique_ptr<stbi_uc, decltype(&stbi_image_free)> pixels(
      stbi_load_from_memory(data, size, &width, &height, nullptr, kGrayAndAlpha), stbi_image_free);
  if (pixels == nullptr) refuse_content(name);
  return flatten(pixels.get(), width, height);
}

GrayImage read_image(const fs::path& file) {
  const std::string name = fs::absolute(file).lexically_normal().string();
  const auto cannot_be_read = [&](const std::string& reason) {
    refuse(name, "cannot be read: " + reason, "check its path and permissions");
  };
  std::error_code error;
  // A pipe would never end, and has no size.
  if (fs::exists(file, error) && !fs::is_regular_file(file, error)) {
    cannot_be_read("expected a file, found a folder or device");
  }
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) cannot_be_read(std::strerror(errno));
  if (fs::file_size(file, error) > kMaxFileBytes) refuse_size(name);
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  return decode_image(bytes.str(), name);
}

std::string encode_png(const GrayImage& image) {
  std::string bytes;
  const int width = static_cast<int>(image.width);
  stbi_write_png_to_func(append, &bytes, width, static_cast<int>(image.height), 1,
                         image.pixels.data(), width);
  return bytes;
}

}  // namespace mnist
