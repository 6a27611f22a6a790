#include "data/idx.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file_kind.h"
#include "mnist_train/error.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kNumberBytes = 4;  // of a length in the header

constexpr const char* kGetCopy = "get a whole copy of it; of MNIST with: scripts/fetch_mnist.sh";

/// A type of number, by the byte that stands for it.
struct NumberType {
  std::uint8_t code;
  std::string_view name;
  std::int64_t bytes;
};
constexpr std::array<NumberType, 6> kTypes{{{0x08, "bytes", 1},
                                            {0x09, "signed bytes", 1},
                                            {0x0B, "16-bit integers", 2},
                                            {0x0C, "32-bit integers", 4},
                                            {0x0D, "32-bit floats", 4},
                                            {0x0E, "64-bit floats", 8}}};
constexpr NumberType kBytes = kTypes[0];
constexpr NumberType kInt32 = kTypes[3];
constexpr std::int64_t kColumns = 8;  // of QMNIST's labels

using Shape = std::vector<std::int64_t>;

std::uint32_t big_endian(const std::uint8_t* bytes) {
  std::uint32_t number = 0;
  for (std::int64_t i = 0; i < kNumberBytes; ++i) number = number << 8 | bytes[i];
  return number;
}

std::int64_t dimensions_in(std::uint32_t magic) { return magic & 0xff; }

/// The type of the numbers in a file that begins with this number; null if it is no IDX file.
const NumberType* type_in(std::uint32_t magic) {
  constexpr std::int64_t kMostDimensions = 8;  // far more than there are
  const std::int64_t dimensions = dimensions_in(magic);
  if (dimensions < 1 || dimensions > kMostDimensions) return nullptr;
  const auto* const found = std::find_if(kTypes.begin(), kTypes.end(), [&](const NumberType& type) {
    return type.code == magic >> 8;
  });
  return found == kTypes.end() ? nullptr : found;
}

/// What a file holds: numbers, in items whose lengths follow the count in the header.
struct Form {
  std::string_view items;  ///< "images" or "labels"
  NumberType type;
  Shape item_shape;

  bool are_images() const { return items == "images"; }
  std::int64_t dimensions() const { return 1 + static_cast<std::int64_t>(item_shape.size()); }
};

/// "bytes [N,28,28]"
std::string describe(const NumberType& type, std::string_view count, const Shape& item_shape) {
  return fmt::format("{} [{}{}{}]", type.name, count, item_shape.empty() ? "" : ",",
                     fmt::join(item_shape, ","));
}

/// What helps where a file of `expected` form holds numbers of another type or shape.
std::string_view remedy_for(const Form& expected, const NumberType& type, const Shape& item_shape) {
  const std::size_t dimensions = item_shape.size();
  std::int64_t item_size = 1;
  for (const std::int64_t length : item_shape) {
    item_size = length <= kPixels && item_size <= kPixels ? item_size * length : kPixels + 1;
  }
  if (expected.are_images() && item_size == kPixels) {
    return "write the pixels as bytes from 0 to 255, in 3 dimensions";
  }
  if (expected.are_images() ? dimensions == 0 : dimensions > 1) {
    return "these are not the images or labels that the name says: give each file its own name";
  }
  if (expected.are_images()) {
    return "only grey images of 28 x 28 pixels are supported: scale or cut them to that size";
  }
  if (item_size == 1) return "write the labels as bytes, in one dimension";
  if (item_size == kColumns && type.code == kInt32.code) {
    return "these are QMNIST's labels: give all files the names that QMNIST has for them, such as "
           "qmnist-train-labels-idx2-int";
  }
  return "write the digit of each image as one byte, such as the place of the 1 in a row that is "
         "one-hot";
}

/// An open IDX file whose kind, form and size have been checked.
class IdxFile {
 public:
  IdxFile(const fs::path& file, Form form)
      : path_(fs::absolute(file).lexically_normal().string()), form_(std::move(form)) {
    const std::int64_t size = open(file);
    if (const auto kind = recognize(file_head(file))) {
      refuse(kind->remedy.empty() ? kGetCopy : kind->remedy, "expected IDX {}, found {}",
             form_.items, kind->name);
    }
    const std::int64_t header_bytes = read_header(size);
    // All factors fit 32 bits, and only the count may be large, so the product cannot overflow.
    std::int64_t expected_size = count_ * form_.type.bytes;
    for (const std::int64_t length : form_.item_shape) expected_size *= length;
    expected_size += header_bytes;
    if (size != expected_size) {
      refuse(kGetCopy, "expected {} bytes for the {} {} in its header, found {}{}", expected_size,
             count_, form_.items, size, size < expected_size ? " (cut short)" : "");
    }
    if (count_ == 0) refuse(kGetCopy, "expected at least one of its {}, found none", form_.items);
  }

  std::int64_t count() const { return count_; }

  /// The next bytes of the file.
  std::vector<std::uint8_t> read(std::int64_t bytes) {
    std::vector<std::uint8_t> content(static_cast<std::size_t>(bytes));
    stream_.read(reinterpret_cast<char*>(content.data()), bytes);
    if (stream_.gcount() != bytes) {
      refuse(kGetCopy, "expected to read {} bytes, found {}", bytes, stream_.gcount());
    }
    return content;
  }

  template <typename... Values>
  [[noreturn]] void refuse(std::string_view remedy, fmt::format_string<Values...> problem,
                           Values&&... values) const {
    fail(ExitCode::kData, "{}: {}; {}", path_,
         fmt::format(problem, std::forward<Values>(values)...), remedy);
  }

 private:
  /// Returns the size of the file.
  std::int64_t open(const fs::path& file) {
    std::error_code error;
    if (const auto status = fs::status(file, error);
        fs::exists(status) && !fs::is_regular_file(status)) {
      refuse("put a file in its place", "expected a file, found a folder, pipe or device");
    }
    const auto size = static_cast<std::int64_t>(fs::file_size(file, error));
    if (error) refuse("check its path and permissions", "cannot be read: {}", error.message());
    errno = 0;
    stream_.open(file, std::ios::binary);
    if (!stream_) refuse("check its permissions", "cannot be read: {}", std::strerror(errno));
    return size;
  }

  std::uint32_t read_number() { return big_endian(read(kNumberBytes).data()); }

  /// Throws unless the file has room for a header of as many dimensions, whose size it returns.
  std::int64_t header_for(std::int64_t dimensions, std::int64_t size) const {
    const std::int64_t bytes = kNumberBytes * (1 + dimensions);
    if (size >= bytes) return bytes;
    refuse(kGetCopy, "expected IDX {} with a header of {} bytes, found a file of {}", form_.items,
           bytes, size);
  }

  /// Returns the size of the header.
  std::int64_t read_header(std::int64_t size) {
    if (size < kNumberBytes) header_for(form_.dimensions(), size);
    const std::uint32_t magic = read_number();
    const NumberType* const type = type_in(magic);
    if (type == nullptr) refuse_magic(magic);
    const std::int64_t bytes = header_for(dimensions_in(magic), size);
    count_ = read_number();
    Shape item_shape(static_cast<std::size_t>(dimensions_in(magic) - 1));
    for (std::int64_t& length : item_shape) length = read_number();
    if (type->code == form_.type.code && item_shape == form_.item_shape) return bytes;
    refuse(remedy_for(form_, *type, item_shape), "expected {} of {}, found {}", form_.items,
           describe(form_.type, "N", form_.item_shape),
           describe(*type, std::to_string(count_), item_shape));
  }

  [[noreturn]] void refuse_magic(std::uint32_t found) const {
    const std::uint32_t reversed =
        found >> 24 | (found >> 8 & 0xff00) | (found << 8 & 0xff0000) | found << 24;
    const std::int64_t expected = form_.type.code << 8 | form_.dimensions();
    refuse(type_in(reversed) == nullptr
               ? kGetCopy
               : "its numbers have their bytes in reverse order: write them big-endian",
           "expected IDX {} with the magic number {:#010x}, found {:#010x}", form_.items, expected,
           found);
  }

  std::string path_;
  Form form_;
  std::ifstream stream_;
  std::int64_t count_ = 0;
};

IdxFile open_images(const fs::path& file) {
  return {file, {"images", kBytes, {kImageSide, kImageSide}}};
}

/// Throws unless all labels are digits.
void check_range(const std::vector<std::int64_t>& labels, const IdxFile& idx) {
  const auto bad = std::find_if(labels.begin(), labels.end(),
                                [](std::int64_t label) { return label >= kDigits; });
  if (bad == labels.end()) return;
  const auto [least, most] = std::minmax_element(labels.begin(), labels.end());
  const bool counts_from_one = *least == 1 && *most == kDigits;
  idx.refuse(
      counts_from_one ? "count them from 0, not from 1"
                      : "only ten classes, numbered from 0, are supported",
      "expected labels from 0 to 9, found {} at position {}, and labels from {} to {} in all", *bad,
      bad - labels.begin(), *least, *most);
}

}  // namespace

std::int64_t check_idx_images(const fs::path& file) { return open_images(file).count(); }

std::vector<std::uint8_t> read_idx_images(const fs::path& file, std::int64_t limit) {
  IdxFile idx = open_images(file);
  return idx.read(std::min(limit, idx.count()) * kPixels);
}

std::vector<std::uint8_t> read_idx_labels(const fs::path& file, LabelForm form) {
  const bool are_bytes = form == LabelForm::kBytes;
  IdxFile idx(file, are_bytes ? Form{"labels", kBytes, {}} : Form{"labels", kInt32, {kColumns}});
  const std::int64_t row_bytes = are_bytes ? kBytes.bytes : kColumns * kInt32.bytes;
  const std::vector<std::uint8_t> rows = idx.read(idx.count() * row_bytes);
  std::vector<std::int64_t> labels;
  for (auto row = rows.begin(); row != rows.end(); row += row_bytes) {
    labels.push_back(are_bytes ? *row : big_endian(&*row));
  }
  check_range(labels, idx);
  return {labels.begin(), labels.end()};
}

}  // namespace mnist
