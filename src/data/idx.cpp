#include "data/idx.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/fail.h"
#include "base/file.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSizeBytes = 4;  // of the magic number and of each dimension

/// What a file should hold.
struct Layout {
  const char* items;
  std::uint32_t magic;
  std::vector<std::uint32_t> item_shape;  ///< the dimensions after the first
  std::int64_t item_bytes;
};

const Layout kImages{"images", 0x0803, {kImageSide, kImageSide}, kPixels};
const Layout kLabels{"labels", 0x0801, {}, 1};
const Layout kQmnistLabels{"labels", 0x0C02, {8}, 32};

std::uint32_t big_endian(const char* bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < kSizeBytes; ++i) {
    number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
  }
  return number;
}

/// "magic number 0x00000803"
std::string describe(std::uint32_t magic) { return fmt::format("magic number {:#010x}", magic); }

/// "[N,28,28]"
std::string describe(const std::vector<std::uint32_t>& item_shape) {
  return fmt::format("[N{}{}]", item_shape.empty() ? "" : ",", fmt::join(item_shape, ","));
}

/// An IDX file whose header has been checked.
class IdxFile {
 public:
  IdxFile(const fs::path& path, const Layout& layout)
      : file_(path, ErrorKind::kData), layout_(layout) {
    check_header();
    const auto size = static_cast<std::int64_t>(file_.size());
    const std::int64_t expected =
        static_cast<std::int64_t>(header_bytes()) + count_ * layout_.item_bytes;  // below 2^42
    if (size != expected) {
      fail(ErrorKind::kData, "{}: expected {} bytes for the {} {} in its header, found {}",
           file_.name(), expected, count_, layout_.items, size);
    }
    if (count_ == 0) {
      fail(ErrorKind::kData, "{}: expected {}, found none", file_.name(), layout_.items);
    }
  }

  std::int64_t count() const { return count_; }

  /// The bytes of the first `count` items.
  std::vector<std::uint8_t> read(std::int64_t count) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count * layout_.item_bytes));
    file_.read(header_bytes(), {reinterpret_cast<char*>(bytes.data()), bytes.size()});
    return bytes;
  }

 private:
  std::size_t header_bytes() const { return kSizeBytes * (2 + layout_.item_shape.size()); }

  void check_header() {
    std::string header = file_.head(header_bytes());
    header.resize(header_bytes());
    const std::uint32_t magic = big_endian(header.data());
    std::vector<std::uint32_t> item_shape;
    for (std::size_t at = 2 * kSizeBytes; at < header.size(); at += kSizeBytes) {
      item_shape.push_back(big_endian(header.data() + at));
    }
    count_ = big_endian(header.data() + kSizeBytes);
    const bool is_whole = file_.size() >= header.size();
    if (is_whole && magic == layout_.magic && item_shape == layout_.item_shape) return;
    const std::string_view kind = file_kind(file_);
    fail(ErrorKind::kData, "{}: expected IDX {} {} with {}, found {}", file_.name(), layout_.items,
         describe(layout_.item_shape), describe(layout_.magic),
         !kind.empty()            ? std::string(kind)
         : !is_whole              ? fmt::format("a file of {} bytes", file_.size())
         : magic != layout_.magic ? describe(magic)
                                  : describe(item_shape));
  }

  InputFile file_;
  const Layout& layout_;
  std::int64_t count_ = 0;
};

}  // namespace

std::int64_t check_idx_images(const fs::path& file) { return IdxFile(file, kImages).count(); }

std::vector<std::uint8_t> read_idx_images(const fs::path& file, std::int64_t limit) {
  IdxFile idx(file, kImages);
  return idx.read(std::min(limit, idx.count()));
}

std::vector<std::uint8_t> read_idx_labels(const fs::path& file, LabelForm form) {
  const Layout& layout = form == LabelForm::kBytes ? kLabels : kQmnistLabels;
  IdxFile idx(file, layout);
  const std::vector<std::uint8_t> rows = idx.read(idx.count());
  std::vector<std::uint8_t> labels;
  for (std::int64_t i = 0; i < idx.count(); ++i) {
    const std::uint8_t* const row = rows.data() + i * layout.item_bytes;
    const std::uint32_t label =
        form == LabelForm::kBytes ? *row : big_endian(reinterpret_cast<const char*>(row));
    if (label >= kDigits) {
      fail(ErrorKind::kData, "{}: expected labels from 0 to 9, found {} at position {}",
           full_name(file), label, i);
    }
    labels.push_back(static_cast<std::uint8_t>(label));
  }
  return labels;
}

}  // namespace mnist
