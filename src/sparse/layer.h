#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/storage.h"
#include "sparse/workers.h"

namespace mnist {

/// Some columns of a layer: whole groups, perhaps none.
struct Slice {
  LayerWeights weights;  ///< of these columns
  Range columns;

  /// These columns of a matrix that is as wide as the layer.
  Rows of(const RowStorage& matrix) const { return matrix.rows().from(columns.begin); }
  /// The matrices of the slice's groups, from those of all groups of the layer.
  GroupRows of(const GroupRows& groups) const {
    return groups.from_group(columns.begin / weights.group);
  }
};

/// The number of groups of group_columns() columns; the last group may have fewer.
std::size_t group_count(std::size_t columns);

/// The number of workers for a network with these hidden layers: as many as there are threads, but
/// no more than make the largest slice smaller.
std::size_t worker_count(const std::vector<std::int64_t>& hidden, std::size_t threads);

/// Owns the weights of a layer in the form of LayerWeights, and the momentum buffers ("velocity"),
/// if there are any. Initialized to zero. There is a slice for each worker, in memory of its own:
/// with rows that are side by side, CPUs would prefetch what another one is writing.
class Layer {
 public:
  /// Throws std::bad_alloc.
  Layer(std::size_t inputs, std::size_t columns, bool has_velocity, bool skips_empty_rows,
        std::size_t workers);

  std::size_t inputs() const { return inputs_; }
  std::size_t columns() const { return columns_; }
  std::size_t groups() const { return group_count(columns_); }

  std::span<const Slice> slices() const { return slices_; }
  /// Those of the worker: one, or all if it continues alone.
  std::span<const Slice> slices(const Worker& worker) const {
    const Range share = worker.share(slices_.size());
    return slices().subspan(share.begin, share.size());
  }

  /// Calls visit(row, column, number) for each number of the weights or of the velocity, whose row
  /// inputs() is that of the biases.
  template <typename Visit>
  void visit(Rows LayerWeights::*kind, const Visit& visit) const {
    for (const Slice& slice : slices_) {
      for (std::size_t row = 0; row <= inputs_; ++row) {
        float* const numbers = (slice.weights.*kind)[row];
        for (std::size_t c = 0; c < slice.columns.size(); ++c) {
          visit(row, slice.columns.begin + c, numbers[c]);
        }
      }
    }
  }

 private:
  std::size_t inputs_;
  std::size_t columns_;
  std::vector<RowStorage> memory_;  ///< of the slices
  std::vector<Slice> slices_;
};

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

/// ReLU in place. NaN stays NaN.
void relu(float* outputs, std::size_t count);

/// Zeroes the gradients of outputs that are not positive, before ReLU or after it.
void relu_backward(const float* outputs, std::size_t count, float* deltas);

/// The sums over all groups of their results for an image, in some columns.
void sum_groups(const GroupRows& results, std::size_t groups, std::size_t image, Range columns,
                float* sums);

}  // namespace mnist
