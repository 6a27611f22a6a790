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

  std::size_t header_bytes() const { return kSizeBytes * (2 + item_shape.size()); }
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

/// Throws unless the file has this layout, and holds what its header says. Returns the number of
/// items, which is not 0.
std::int64_t check_layout(InputFile& file, const Layout& layout) {
  std::string header = file.head(layout.header_bytes());
  const bool is_whole = header.size() == layout.header_bytes();
  header.resize(layout.header_bytes());
  const std::uint32_t magic = big_endian(header.data());
  const std::int64_t count = big_endian(header.data() + kSizeBytes);
  std::vector<std::uint32_t> item_shape;
  for (std::size_t at = 2 * kSizeBytes; at < header.size(); at += kSizeBytes) {
    item_shape.push_back(big_endian(header.data() + at));
  }
  if (!is_whole || magic != layout.magic || item_shape != layout.item_shape) {
    const std::string_view kind = file_kind(file);
    fail(ErrorKind::kData, "{}: expected IDX {} {} with {}, found {}", file.name(), layout.items,
         describe(layout.item_shape), describe(layout.magic),
         !kind.empty()           ? std::string(kind)
         : !is_whole             ? fmt::format("a file of {} bytes", file.size())
         : magic != layout.magic ? describe(magic)
                                 : describe(item_shape));
  }
  const std::uint64_t expected = layout.header_bytes() + count * layout.item_bytes;  // below 2^42
  if (file.size() != expected) {
    fail(ErrorKind::kData, "{}: expected {} bytes for the {} {} in its header, found {}",
         file.name(), expected, count, layout.items, file.size());
  }
  if (count == 0) fail(ErrorKind::kData, "{}: expected {}, found none", file.name(), layout.items);
  return count;
}

/// The bytes of the first `count` items.
std::vector<std::uint8_t> read_items(InputFile& file, const Layout& layout, std::int64_t count) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count * layout.item_bytes));
  file.read(layout.header_bytes(), {reinterpret_cast<char*>(bytes.data()), bytes.size()});
  return bytes;
}

}  // namespace

std::int64_t check_idx_images(const fs::path& path) {
  InputFile file(path, ErrorKind::kData);
  return check_layout(file, kImages);
}

std::vector<std::uint8_t> read_idx_images(const fs::path& path, std::int64_t limit) {
  InputFile file(path, ErrorKind::kData);
  return read_items(file, kImages, std::min(limit, check_layout(file, kImages)));
}

std::vector<std::uint8_t> read_idx_labels(const fs::path& path, LabelForm form) {
  const Layout& layout = form == LabelForm::kBytes ? kLabels : kQmnistLabels;
  InputFile file(path, ErrorKind::kData);
  const std::int64_t count = check_layout(file, layout);
  const std::vector<std::uint8_t> rows = read_items(file, layout, count);
  std::vector<std::uint8_t> labels;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint8_t* const row = rows.data() + i * layout.item_bytes;
    const std::uint32_t label =
        form == LabelForm::kBytes ? *row : big_endian(reinterpret_cast<const char*>(row));
    if (label >= kDigits) {
      fail(ErrorKind::kData, "{}: expected labels from 0 to 9, found {} at position {}",
           file.name(), label, i);
    }
    labels.push_back(static_cast<std::uint8_t>(label));
  }
  return labels;
}

}  // namespace mnist
