#pragma once

#include <cstddef>

#include "kernels/storage.h"
#include "sparse/images.h"

namespace mnist {

/// The inputs of a layer for a batch, as two sets of lists of the same entries: by image for the
/// forward pass, by input for the backward pass and the update. Each worker has its own: building
/// them is faster than fetching what another thread has written.
class LayerInputs {
 public:
  LayerInputs(std::size_t inputs, std::size_t max_batch);

  /// The nonzero pixels of the images.
  void list_pixels(const Examples& batch);
  /// The values that ReLU keeps: positive ones, and NaN.
  void list_active(Rows values, std::size_t batch);
  /// All of the values, including zeros.
  void list_all(Rows values, std::size_t batch);

  /// In ascending order, ending with an entry of index kNoIndex.
  EntryLists by_image() const { return by_image_.view(); }
  /// The last list is that of the biases, whose input is 1 in every image.
  EntryLists by_input() const { return by_input_.view(); }

 private:
  template <typename Keep>
  void list(Rows values, std::size_t batch, const Keep& keep);
  void list_biases(std::size_t batch);

  std::size_t inputs_;
  EntryListStorage by_image_;
  EntryListStorage by_input_;
};

}  // namespace mnist
