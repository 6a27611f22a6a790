#pragma once

#include <cstddef>

#include "kernels/storage.h"
#include "sparse/images.h"

namespace mnist {

/// The inputs of a hidden layer that are not zero, of a batch, as two lists of the same entries: by
/// image for the forward pass, by input for the rest. Each thread has lists of its own: to make
/// them takes less time than to fetch what another thread has written.
class LayerInputs {
 public:
  LayerInputs(std::size_t inputs, std::size_t max_batch);

  /// The inputs are the pixels of the batch's images.
  void list_pixels(const Examples& batch);
  /// The inputs are the ReLU of the outputs of the layer before. NaN counts as active, so that it
  /// does not get lost.
  void list_activations(Rows outputs, std::size_t batch);

  /// In ascending order, followed by an entry of index kNoIndex.
  EntryLists by_image() const { return by_image_.view(); }
  /// The last list, that of the biases, has all images, with the value 1.
  EntryLists by_input() const { return by_input_.view(); }

 private:
  void list_biases(std::size_t batch);

  std::size_t inputs_;
  EntryListStorage by_image_;
  EntryListStorage by_input_;
};

}  // namespace mnist
