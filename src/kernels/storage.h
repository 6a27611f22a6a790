#pragma once

#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace mnist {

constexpr std::size_t kRowMultiple = 16;  ///< floats in the widest supported vector (AVX-512)

/// The numbers begin .. end-1.
struct Range {
  std::size_t begin;
  std::size_t end;

  std::size_t size() const { return end - begin; }
};

/// A view of a matrix of floats. Rows are `stride` floats apart, a multiple of kRowMultiple, and
/// aligned to kRowMultiple floats.
struct Rows {
  float* data;  ///< null if there is no matrix
  std::size_t stride;

  float* operator[](std::size_t row) const { return data + row * stride; }
  /// The columns from `column` on, a multiple of kRowMultiple.
  Rows from(std::size_t column) const { return {data + column, stride}; }
};

/// Owns a matrix, initialized to zero. Rows are padded to a multiple of kRowMultiple. Throws
/// std::bad_alloc.
class RowStorage {
 public:
  RowStorage(std::size_t rows, std::size_t columns) : stride_(odd_stride(padded(columns))) {
    const std::size_t size = rows * stride_;
    if (size == 0) return;
    data_ = hwy::AllocateAligned<float>(size);
    if (!data_) throw std::bad_alloc();
    std::fill_n(data_.get(), size, 0.0F);
  }

  static std::size_t padded(std::size_t columns) {
    return (columns + kRowMultiple - 1) / kRowMultiple * kRowMultiple;
  }

  Rows rows() const { return {data_.get(), stride_}; }

 private:
  /// The stride for rows of this width: an odd number of cache lines. With a power of two, the same
  /// columns of all rows would map to a few cache sets, and evict each other.
  static std::size_t odd_stride(std::size_t width) {
    return width / kRowMultiple % 2 == 0 ? width + kRowMultiple : width;
  }

  std::size_t stride_;
  hwy::AlignedFreeUniquePtr<float[]> data_;
};

/// A nonzero element of a sparse matrix: its index along the other dimension than that of its list
/// (an image or an input), and its value.
struct Entry {
  std::uint32_t index;
  float value;
};

/// A sparse matrix as lists of entries: list i is entries[begin[i]] .. entries[end[i]-1].
struct EntryLists {
  const Entry* entries;
  const std::size_t* begin;
  const std::size_t* end;
};

/// Owns EntryLists. Each list has a fixed capacity, so that filling it allocates nothing.
class EntryListStorage {
 public:
  EntryListStorage(std::size_t lists, std::size_t capacity)
      : entries_(lists * capacity), begin_(lists), end_(lists) {
    for (std::size_t i = 0; i < lists; ++i) begin_[i] = i * capacity;
    clear();
  }

  EntryLists view() const { return {entries_.data(), begin_.data(), end_.data()}; }
  void clear() { std::copy(begin_.begin(), begin_.end(), end_.begin()); }

  /// Appends the entry, within the capacity.
  void append(std::size_t list, Entry entry) { entries_[end_[list]++] = entry; }

  /// The memory of a list and its end, for callers that fill it themselves.
  Entry* data(std::size_t list) { return &entries_[begin_[list]]; }
  void end_at(std::size_t list, const Entry* end) {
    end_[list] = static_cast<std::size_t>(end - entries_.data());
  }

 private:
  std::vector<Entry> entries_;
  std::vector<std::size_t> begin_;
  std::vector<std::size_t> end_;
};

}  // namespace mnist
