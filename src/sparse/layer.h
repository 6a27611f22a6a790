#pragma once

#include <cstddef>

#include "sparse/inputs.h"
#include "sparse/kernels.h"
#include "sparse/storage.h"

namespace mnist {

/// A slice of a hidden layer: some of its outputs (columns), with the weights that lead to them
/// from all inputs. Most inputs are zero, and nothing is computed for those.
class HiddenSlice {
 public:
  /// `weights` are those of the slice's columns, which begin at column `first` of the layer.
  HiddenSlice(const LayerWeights& weights, Range columns, std::size_t max_batch);

  const LayerWeights& weights() const { return weights_; }
  Range columns() const { return columns_; }

  /// Computes the outputs of the batch. `outputs` has room for those of the whole layer; this slice
  /// writes its columns.
  void forward(const LayerInputs& inputs, std::size_t batch, Rows outputs) const;

  // `deltas` are the derivatives of the loss by the outputs before ReLU, of this slice's columns.

  void update(const LayerInputs& inputs, Rows deltas, const SgdStep& sgd);
  /// Also computes what each group of the slice's columns adds to the deltas of the layer before,
  /// as matrices for all groups of the layer. Those of inputs that are not active stay as they
  /// were.
  void backward_and_update(const LayerInputs& inputs, Rows deltas, GroupRows input_deltas,
                           const SgdStep& sgd);

 private:
  LayerWeights weights_;
  Range columns_;
  RowStorage scratch_;  ///< of backward_and_update()
};

}  // namespace mnist
