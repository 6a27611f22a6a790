#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "sparse/layer.h"

namespace mnist {

/// Lazy updates of the first layer. Momentum and weight decay change a weight even if its gradient
/// is zero, and most inputs of the first layer are zero in a batch. The updates of such a row of
/// weights are deferred until the row is used, and then applied at once: k SGD steps without a
/// gradient are the k-th power of a 2x2 matrix on (weight, velocity).
class LazyUpdates {
 public:
  /// For a layer with `rows` inputs, and at most `steps` steps. Only this function allocates
  /// memory.
  LazyUpdates(const SgdStep& sgd, std::size_t rows, std::size_t steps);

  /// To be called before each step: applies the deferred updates of the rows with entries. The step
  /// itself must then update these rows.
  void begin_step(std::span<const Slice> slices, const EntryLists& by_input);

  /// To be called after the last step: applies the deferred updates of all rows.
  void flush(std::span<const Slice> slices) const;

 private:
  void apply(std::span<const Slice> slices, std::size_t row) const;

  std::vector<LazyUpdate> powers_;    ///< [k]: k steps without a gradient
  std::size_t steps_ = 0;             ///< begun so far
  std::vector<std::size_t> applied_;  ///< of these, in each row
};

}  // namespace mnist
