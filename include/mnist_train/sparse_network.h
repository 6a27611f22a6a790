#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mnist_train/options.h"
#include "mnist_train/sparse_images.h"
#include "mnist_train/sparse_kernels.h"
#include "mnist_train/sparse_storage.h"

namespace mnist {

/// The perceptron and its optimiser in the form that trains fastest on sparse images: weights
/// input-major, no gradients stored, and nothing computed for inputs that are zero.
class SparseNetwork {
 public:
  /// For steps of at most `max_batch` images. The weights are zero at first.
  SparseNetwork(const TrainingOptions& options, std::size_t max_batch);

  std::size_t layers() const { return layers_.size(); }

  /// The weights of a layer, to be set or, after finish(), read.
  LayerView layer(std::size_t index);

  /// One step of SGD on the mean cross-entropy of the images indices[0..count-1], whose labels are
  /// labels[indices[..]]. Returns the sum of their losses before the step, in nats.
  double step(const SparseImages& images, const std::int64_t* labels, const std::int64_t* indices,
              std::size_t count);

  /// Brings all weights up to date. Momentum and weight decay move a weight even while its pixel is
  /// black; step() defers that for whole rows of the first layer until the pixel is met again.
  void finish();

 private:
  struct Layer {
    std::size_t inputs;
    RowStorage weights;
    RowStorage velocity;
    RowStorage outputs;         ///< of a batch; then their deltas: the loss differentiated by them
    EntryListStorage by_image;  ///< the inputs that are not zero
    EntryListStorage by_input;  ///< the same; one more list, with a 1 an image, is the biases'
  };

  /// k idle steps as a matrix on (weight, velocity).
  struct IdleMatrix {
    double ww, wv, vw, vv;
  };

  void gather(const SparseImages& images, std::size_t index, std::size_t image);
  void forward_image(std::size_t image);
  double loss_and_deltas(std::size_t image, std::int64_t label, std::size_t count);
  void backward_and_update(std::size_t index);
  void catch_up_row(std::size_t pixel);

  SgdStep sgd_;
  bool has_velocity_;
  std::vector<Layer> layers_;
  std::array<float, 256> values_{};      ///< of pixels: k/255
  std::size_t steps_ = 0;                ///< done so far
  std::vector<std::size_t> up_to_date_;  ///< the steps that each row of the first layer has had
  std::vector<IdleMatrix> idle_;         ///< of 0, 1, 2, ... steps
};

}  // namespace mnist
