#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mnist_train/options.h"
#include "mnist_train/shape.h"
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

  std::size_t hidden_layers() const { return hidden_.size(); }

  // The weights, to be set or, after finish(), read.

  LayerView hidden(std::size_t index) const;
  LayerView output() const;  ///< unlike the others output-major: row c has the weights to digit c
  float* output_biases() { return output_.biases.data(); }

  /// One step of SGD on the mean cross-entropy of the images indices[0..count-1], whose labels are
  /// labels[indices[..]]. Returns the sum of their losses before the step, in nats.
  double step(const SparseImages& images, const std::int64_t* labels, const std::int64_t* indices,
              std::size_t count);

  /// Brings all weights up to date. Momentum and weight decay move a weight even while its pixel is
  /// black; step() defers that for whole rows of the first hidden layer until the pixel is met
  /// again.
  void finish();

 private:
  /// Everything of a layer whose inputs are mostly zero.
  struct HiddenLayer {
    std::size_t inputs;
    RowStorage weights;
    RowStorage velocity;
    RowStorage outputs;         ///< of a batch
    RowStorage deltas;          ///< the loss differentiated by the outputs before ReLU
    EntryListStorage by_image;  ///< the inputs that are not zero
    EntryListStorage by_input;  ///< the same; one more list, with a 1 an image, is the biases'
  };

  /// The last layer has few outputs, so its weights are kept, and its products taken, the other way
  /// round: the kernels see the digits as inputs and the inputs, dense, as outputs.
  struct OutputLayer {
    RowStorage weights;  ///< a row a digit, and one of zeros in place of biases
    RowStorage velocity;
    RowStorage
        inputs;  ///< of a batch, if they are images; else they are the last hidden layer's outputs
    RowStorage logits;  ///< then their deltas
    EntryListStorage by_image;
    EntryListStorage by_digit;
    std::array<float, kDigits> biases;
    std::array<float, kDigits> bias_velocity;
  };

  /// k idle steps as a matrix on (weight, velocity).
  struct IdleMatrix {
    double ww, wv, vw, vv;
  };

  static OutputLayer make_output(const TrainingOptions& options, std::size_t max_batch,
                                 bool has_velocity);
  void gather(const SparseImages& images, std::size_t index, std::size_t image);
  void forward_hidden(Range images);
  double train_output(const std::int64_t* labels, const std::int64_t* indices, std::size_t count);
  void update_output_biases(std::size_t count);
  void backward_and_update(std::size_t index);
  void catch_up_row(std::size_t pixel);
  Rows output_inputs() const;

  SgdStep sgd_;
  bool has_velocity_;
  std::vector<HiddenLayer> hidden_;
  OutputLayer output_;
  std::array<float, 256> values_{};  ///< of pixels: k/255
  std::size_t steps_ = 0;            ///< done so far
  std::vector<std::size_t>
      up_to_date_;                ///< the steps that each row of the first hidden layer has had
  std::vector<IdleMatrix> idle_;  ///< of 0, 1, 2, ... steps
};

}  // namespace mnist
