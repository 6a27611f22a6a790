#pragma once

#include <cstddef>
#include <vector>

#include "sparse/images.h"
#include "sparse/kernels.h"
#include "sparse/storage.h"

namespace mnist {

/// A hidden layer of which most inputs are zero, or as many columns of it, its outputs, as one
/// thread trains.
class SparseLayer {
 public:
  /// The weights are zero at first. The layer of the images, which `is_first`, leaves what momentum
  /// and weight decay do to rows without entries to IdleRows.
  SparseLayer(std::size_t inputs, Range columns, std::size_t max_batch, bool has_velocity,
              bool is_first);

  LayerView view() const;
  Range columns() const { return columns_; }

  // The inputs of a step or a test, image by image.

  void forget_inputs();
  void take_image(const SparseImages& images, std::size_t index, std::size_t image);
  /// ReLU of what the layer before has put out for this image. NaN counts as on, lest it vanish.
  void take_outputs(const float* outputs, std::size_t image);

  /// Writes its columns of `outputs`, which has them all, for at most kForwardImages images.
  void forward(Range images, Rows outputs) const;

  // `deltas` is the loss differentiated by the outputs before ReLU, for its columns only.

  void update(Rows deltas, const SgdStep& sgd) const;
  /// Also writes what its columns add to the deltas of the layer before: input_deltas().
  void backward_and_update(Rows deltas, const SgdStep& sgd);
  Rows input_deltas() const { return input_deltas_.rows(); }

 private:
  std::size_t inputs_;
  Range columns_;
  bool skips_idle_rows_;
  RowStorage weights_;
  RowStorage velocity_;
  EntryListStorage by_image_;  ///< the inputs that are not zero
  EntryListStorage by_input_;  ///< the same; one more list, with a 1 an image, is the biases'
  RowStorage input_deltas_;
  RowStorage scratch_;  ///< of backward_and_update()
};

}  // namespace mnist
