#include "data/idx.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>

#include "mnist_train/error.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kImagesMagic = 0x00000803;
constexpr std::uint32_t kLabelsMagic = 0x00000801;
constexpr std::int64_t kNumberBytes = 4;

[[noreturn]] void fail(
    const fs::path& file, const std::string& problem,
    const std::string& remedy = "get a whole copy with: scripts/fetch_mnist.sh") {
  throw Error(ExitCode::kData,
              fs::absolute(file).lexically_normal().string() + ": " + problem + "; " + remedy);
}

std::string hex(std::uint32_t number) {
  std::array<char, 11> text{};
  std::snprintf(text.data(), text.size(), "0x%08x", number);
  return text.data();
}

/// An open IDX file whose kind and size have been checked.
class IdxFile {
 public:
  /// `kind` says what was expected ("images", "labels"); `item_shape` gives the numbers that the
  /// header must hold after the count, and so the bytes of an item.
  IdxFile(const fs::path& path, const std::string& kind, std::uint32_t magic,
          const std::vector<std::int64_t>& item_shape)
      : path_(path) {
    std::error_code error;
    const auto size = static_cast<std::int64_t>(fs::file_size(path, error));
    if (error) {
      fail(path, "cannot be read: " + error.message(), "check its path and permissions");
    }
    errno = 0;
    stream_.open(path, std::ios::binary);
    if (!stream_) {
      fail(path, std::string("cannot be read: ") + std::strerror(errno), "check its permissions");
    }
    const std::int64_t header_bytes =
        kNumberBytes * (2 + static_cast<std::int64_t>(item_shape.size()));
    if (size < header_bytes) {
      fail(path, "expected IDX " + kind + " with a header of " + std::to_string(header_bytes) +
                     " bytes, found a file of " + std::to_string(size));
    }
    check_magic(kind, magic);
    count_ = read_number();
    std::int64_t item_bytes = 1;
    for (const std::int64_t expected : item_shape) {
      const std::int64_t found = read_number();
      if (found != expected) {
        fail(path, "expected images of 28 x 28 pixels, found a side of " + std::to_string(found),
             "only MNIST's form is supported");
      }
      item_bytes *= expected;
    }
    // Both factors fit 32 bits, so the product cannot overflow.
    const std::int64_t expected_size = header_bytes + count_ * item_bytes;
    if (size != expected_size) {
      fail(path, "expected " + std::to_string(expected_size) + " bytes for the " +
                     std::to_string(count_) + " " + kind + " in its header, found " +
                     std::to_string(size) + (size < expected_size ? " (cut short)" : ""));
    }
    if (count_ == 0) fail(path, "expected at least one of its " + kind + ", found none");
  }

  std::int64_t count() const { return count_; }

  std::vector<std::uint8_t> read(std::int64_t bytes) {
    std::vector<std::uint8_t> content(static_cast<std::size_t>(bytes));
    stream_.read(reinterpret_cast<char*>(content.data()), bytes);
    if (stream_.gcount() != bytes) {
      fail(path_, "expected to read " + std::to_string(bytes) + " bytes, found " +
                      std::to_string(stream_.gcount()));
    }
    return content;
  }

 private:
  std::int64_t read_number() {
    const std::vector<std::uint8_t> bytes = read(kNumberBytes);
    std::uint32_t number = 0;
    for (const std::uint8_t byte : bytes) number = number << 8 | byte;
    return number;
  }

  void check_magic(const std::string& kind, std::uint32_t expected) {
    const auto found = static_cast<std::uint32_t>(read_number());
    if (found == expected) return;
    constexpr std::uint32_t kGzipMagic = 0x1f8b;
    if (found >> 16 == kGzipMagic) {
      fail(path_, "expected IDX " + kind + ", found gzip data",
           "unpack it: rename it to end in .gz and run gunzip");
    }
    fail(path_, "expected IDX " + kind + " with the magic number " + hex(expected) + ", found " +
                    hex(found));
  }

  fs::path path_;
  std::ifstream stream_;
  std::int64_t count_ = 0;
};

IdxFile open_images(const fs::path& file) {
  return IdxFile(file, "images", kImagesMagic, {kImageSide, kImageSide});
}

}  // namespace

std::int64_t check_idx_images(const fs::path& file) { return open_images(file).count(); }

std::vector<std::uint8_t> read_idx_images(const fs::path& file, std::int64_t limit) {
  IdxFile idx = open_images(file);
  return idx.read(std::min(limit, idx.count()) * kPixels);
}

std::vector<std::uint8_t> read_idx_labels(const fs::path& file) {
  IdxFile idx(file, "labels", kLabelsMagic, {});
  std::vector<std::uint8_t> labels = idx.read(idx.count());
  const auto bad = std::find_if(labels.begin(), labels.end(),
                                [](std::uint8_t label) { return label >= kDigits; });
  if (bad != labels.end()) {
    fail(file, "expected labels from 0 to 9, found " + std::to_string(*bad) + " at position " +
                   std::to_string(bad - labels.begin()));
  }
  return labels;
}

}  // namespace mnist
