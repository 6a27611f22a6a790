// libFuzzer's entry for the reader of image files and what is made of them. See
// scripts/dev/fuzz.sh.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "mnist_train/error.h"
#include "picture/picture_file.h"
#include "picture/prepare_digit.h"

namespace {
constexpr std::int64_t kMaxPixels = 4096;  // larger ones are only slower
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const cv::Mat4b image = mnist::decode_picture(bytes, "fuzz", kMaxPixels);
    const mnist::GrayImage digit = mnist::prepare_digit(image).image;
    // What the network sees survives being written and read again.
    const cv::Mat4b again = mnist::decode_picture(mnist::encode_png(digit), "again");
    for (std::size_t i = 0; i < digit.pixels.size(); ++i) {
      if (again(static_cast<int>(i))[0] != digit.pixels[i]) std::abort();
    }
  } catch (const mnist::Error& error) {
    if (error.kind() != mnist::ErrorKind::kData) std::abort();
  }
  return 0;
}
