#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <vector>

#include "sparse/kernels.h"

namespace mnist {

/// Owns Rows, zero at first. If there are none their data is null.
class RowStorage {
 public:
  RowStorage(std::size_t rows, std::size_t columns)
      : stride_((columns + kRowMultiple - 1) / kRowMultiple * kRowMultiple) {
    const std::size_t size = rows * stride_;
    if (size == 0) return;
    data_.reset(static_cast<float*>(::operator new(size * sizeof(float), kAlignment)));
    std::fill_n(data_.get(), size, 0.0F);
  }

  Rows rows() const { return {data_.get(), stride_}; }

 private:
  static constexpr std::align_val_t kAlignment{kRowMultiple * sizeof(float)};
  struct Free {
    void operator()(float* data) const { ::operator delete(data, kAlignment); }
  };

  std::size_t stride_;
  std::unique_ptr<float, Free> data_;
};

/// Owns EntryLists, each with room for as many entries as it may ever have, so that filling them
/// allocates nothing.
class EntryListStorage {
 public:
  EntryListStorage(std::size_t lists, std::size_t room)
      : entries_(lists * room), begin_(lists), end_(lists) {
    for (std::size_t i = 0; i < lists; ++i) begin_[i] = i * room;
    clear();
  }

  EntryLists view() const { return {entries_.data(), begin_.data(), end_.data()}; }
  void clear() { std::copy(begin_.begin(), begin_.end(), end_.begin()); }

  /// Appends the entry if `take`, without a branch. There must be room for it in either case.
  void append(std::size_t list, Entry entry, bool take = true) {
    entries_[end_[list]] = entry;
    end_[list] += static_cast<std::size_t>(take);
  }

  Entry* data(std::size_t list) { return &entries_[begin_[list]]; }  ///< to be filled from outside

 private:
  std::vector<Entry> entries_;
  std::vector<std::size_t> begin_;
  std::vector<std::size_t> end_;
};

}  // namespace mnist
