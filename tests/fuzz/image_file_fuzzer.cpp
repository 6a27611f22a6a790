// libFuzzer's entry for the reader of image files and what is made of them. See
// scripts/dev/fuzz.sh.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "digit/prepare_digit.h"
#include "image/image_file.h"
#include "mnist_train/error.h"

namespace {
constexpr std::int64_t kMaxPixels = 4096;  // larger ones are only slower
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const mnist::ColorImage image = mnist::decode_image(bytes, "fuzz", kMaxPixels);
    const mnist::GrayImage digit = mnist::prepare_digit(image).image;
    // What the network sees survives being written and read again.
    const mnist::ColorImage again = mnist::decode_image(mnist::encode_png(digit), "again");
    for (std::size_t i = 0; i < digit.pixels.size(); ++i) {
      if (again.rgba[4 * i] != digit.pixels[i]) std::abort();
    }
  } catch (const mnist::Error& error) {
    if (error.kind() != mnist::ErrorKind::kData) std::abort();
  }
  return 0;
}
