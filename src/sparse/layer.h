#pragma once

#include <cstddef>
#include <vector>

#include "sparse/images.h"
#include "sparse/kernels.h"
#include "sparse/storage.h"

namespace mnist {

/// A thread's slice of a hidden layer: some of its outputs (columns), with the weights that lead to
/// them from all inputs. Most inputs are zero, and nothing is computed for those.
class HiddenSlice {
 public:
  /// `weights` are those of the slice's columns. The first layer has no deltas for its inputs.
  HiddenSlice(const LayerWeights& weights, Range columns, std::size_t max_batch, bool is_first);

  const LayerWeights& weights() const { return weights_; }
  Range columns() const { return columns_; }

  void clear_inputs();
  /// Takes image `index` of `images` as input b of the batch.
  void add_image(const SparseImages& images, std::size_t index, std::size_t b);
  /// Takes the ReLU of `outputs`, which the layer before has computed, as input b of the batch. NaN
  /// counts as active, so that it does not get lost.
  void add_activations(const float* outputs, std::size_t b);

  /// Computes the outputs of at most kForwardImages images of the batch. `outputs` has room for
  /// those of the whole layer; this slice writes its columns.
  void forward(Range images, Rows outputs) const;

  // `deltas` are the derivatives of the loss by the outputs before ReLU, of this slice's columns.

  void update(Rows deltas, const SgdStep& sgd);
  /// Also computes input_deltas().
  void backward_and_update(Rows deltas, const SgdStep& sgd);
  /// What this slice's columns add to the deltas of the layer before; all of its columns.
  Rows input_deltas() const { return input_deltas_.rows(); }

 private:
  LayerWeights weights_;
  Range columns_;
  EntryListStorage by_image_;  ///< the inputs that are not zero, image by image
  EntryListStorage by_input_;  ///< the same input by input; the last list, all 1, is the biases'
  RowStorage input_deltas_;
  RowStorage scratch_;  ///< of backward_and_update()
};

}  // namespace mnist
