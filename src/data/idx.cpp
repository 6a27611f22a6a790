#include "data/idx.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
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

constexpr const char* kGetCopy = "get a whole copy with: scripts/fetch_mnist.sh";

/// An open IDX file whose kind and size have been checked.
class IdxFile {
 public:
  /// `kind` says what was expected ("images", "labels"). `item_shape` has the numbers that must
  /// follow the count in the header; their product is the number of bytes of an item.
  IdxFile(const fs::path& file, const std::string& kind, std::uint32_t magic,
          const std::vector<std::int64_t>& item_shape)
      : path_(fs::absolute(file).lexically_normal().string()), kind_(kind) {
    const std::int64_t size = open(file);
    const std::int64_t header_bytes =
        kNumberBytes * (2 + static_cast<std::int64_t>(item_shape.size()));
    if (size < header_bytes) {
      fail(ExitCode::kData, "{}: expected IDX {} with a header of {} bytes, found a file of {}; {}",
           path_, kind_, header_bytes, size, kGetCopy);
    }
    check_magic(magic);
    count_ = read_number();
    std::int64_t item_bytes = 1;
    for (const std::int64_t expected : item_shape) {
      check_side(expected);
      item_bytes *= expected;
    }
    // Both factors fit 32 bits, so the product cannot overflow.
    const std::int64_t expected_size = header_bytes + count_ * item_bytes;
    if (size != expected_size) {
      fail(ExitCode::kData, "{}: expected {} bytes for the {} {} in its header, found {}{}; {}",
           path_, expected_size, count_, kind_, size, size < expected_size ? " (cut short)" : "",
           kGetCopy);
    }
    if (count_ == 0) {
      fail(ExitCode::kData, "{}: expected at least one of its {}, found none; {}", path_, kind_,
           kGetCopy);
    }
  }

  const std::string& path() const { return path_; }
  std::int64_t count() const { return count_; }

  /// The next bytes of the file.
  std::vector<std::uint8_t> read(std::int64_t bytes) {
    std::vector<std::uint8_t> content(static_cast<std::size_t>(bytes));
    stream_.read(reinterpret_cast<char*>(content.data()), bytes);
    if (stream_.gcount() != bytes) {
      fail(ExitCode::kData, "{}: expected to read {} bytes, found {}; {}", path_, bytes,
           stream_.gcount(), kGetCopy);
    }
    return content;
  }

 private:
  /// Returns the size of the file.
  std::int64_t open(const fs::path& file) {
    std::error_code error;
    const auto size = static_cast<std::int64_t>(fs::file_size(file, error));
    if (error) {
      fail(ExitCode::kData, "{}: cannot be read: {}; check its path and permissions", path_,
           error.message());
    }
    errno = 0;
    stream_.open(file, std::ios::binary);
    if (!stream_) {
      fail(ExitCode::kData, "{}: cannot be read: {}; check its permissions", path_,
           std::strerror(errno));
    }
    return size;
  }

  std::uint32_t read_number() {
    std::uint32_t number = 0;
    for (const std::uint8_t byte : read(kNumberBytes)) number = number << 8 | byte;
    return number;
  }

  void check_magic(std::uint32_t expected) {
    constexpr std::uint32_t kGzipMagic = 0x1f8b;
    const std::uint32_t found = read_number();
    if (found == expected) return;
    if (found >> 16 == kGzipMagic) {
      fail(ExitCode::kData,
           "{}: expected IDX {}, found gzip data; unpack it: rename it to end in .gz and run "
           "gunzip",
           path_, kind_);
    }
    fail(ExitCode::kData, "{}: expected IDX {} with the magic number {:#010x}, found {:#010x}; {}",
         path_, kind_, expected, found, kGetCopy);
  }

  void check_side(std::int64_t expected) {
    const std::int64_t found = read_number();
    if (found == expected) return;
    fail(ExitCode::kData,
         "{}: expected images of 28 x 28 pixels, found a side of {}; only MNIST's form is "
         "supported",
         path_, found);
  }

  std::string path_;
  std::string kind_;
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
    fail(ExitCode::kData, "{}: expected labels from 0 to 9, found {} at position {}; {}",
         idx.path(), *bad, bad - labels.begin(), kGetCopy);
  }
  return labels;
}

}  // namespace mnist
