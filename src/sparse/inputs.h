#pragma once

#include <cstddef>

#include "kernels/storage.h"
#include "sparse/images.h"

namespace mnist {

/// The inputs of a layer in a batch, as two lists of the same entries: by image for the forward
/// pass, by input for the rest. Each worker has lists of its own: to make them takes less time than
/// to fetch what another thread has written.
class LayerInputs {
 public:
  LayerInputs(std::size_t inputs, std::size_t max_batch);

  /// The inputs are the pixels of the batch's images.
  void list_pixels(const Examples& batch);
  /// The inputs are the ReLU of these values. NaN counts as active, so that it is not lost.
  void list_active(Rows values, std::size_t batch);
  /// The inputs are these values, with the zeros among them.
  void list_all(Rows values, std::size_t batch);

  /// In ascending order, followed by an entry of index kNoIndex.
  EntryLists by_image() const { return by_image_.view(); }
  /// The last list, that of the biases, has all images, with the value 1.
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
