#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "mnist_train/options.h"
#include "sparse/barrier.h"
#include "sparse/idle_rows.h"
#include "sparse/images.h"
#include "sparse/kernels.h"
#include "sparse/layer.h"
#include "sparse/output.h"
#include "sparse/storage.h"

namespace mnist {

/// A slice's part of the weights or the biases of a layer. In the model's form ([out,in] for
/// weights, [out] for biases) element (o, i) of the part is data[o * output_stride + i *
/// input_stride].
struct ParameterView {
  std::size_t parameter;   ///< counts weights and biases of each layer in turn, from 0
  std::int64_t dimension;  ///< in which the parameter is divided: 0 for outputs, 1 for inputs
  Range range;             ///< of that dimension
  float* data;
  std::size_t output_stride;
  std::size_t input_stride;
};

/// The perceptron and its optimiser in the form that trains fastest on sparse images; README.md
/// explains it. Several threads train it together, and each has a slice of every layer.
class SparseNetwork {
 public:
  /// Called with the number of images that are done. Returns whether to go on.
  using OnStep = std::function<bool(std::size_t images_done)>;

  /// For batches of at most `max_batch` images. All weights are zero at first.
  SparseNetwork(const TrainingOptions& options, std::size_t max_batch);

  /// All parts of the weights and biases, to be set or read between epochs.
  std::vector<ParameterView> parameters();
  /// What momentum and weight decay keep of them. There must be one of the two.
  std::vector<ParameterView> velocities();

  /// Trains with a step of SGD at this learning rate on the mean cross-entropy of each batch in
  /// turn. Returns the sum of the images' losses, each before its step, in nats; none if on_step
  /// has ended the training. on_step is called in the calling thread after each step, and what it
  /// throws ends the training, too. The same number of threads gives the same result. Throws
  /// std::system_error if a thread cannot be started.
  std::optional<double> train(const Examples& examples, double lr, const OnStep& on_step);

  /// Computes the logits of all images, [N,10] row by row. The same number of threads gives the
  /// same result. Throws as above.
  void compute_logits(const SparseImages& images, float* logits);

 private:
  /// Weights, and velocities if there are any.
  struct LayerStorage {
    RowStorage weights;
    RowStorage velocity;
  };

  /// What a thread works with.
  struct Slice {
    std::vector<LayerStorage> layers;
    std::vector<HiddenSlice> hidden;
    OutputSlice output;
    RowStorage deltas;   ///< the derivatives of the loss by its columns of the last hidden layer
    IdleRows idle_rows;  ///< of the first hidden layer
  };

  Slice make_slice(std::size_t index, std::size_t slices);
  std::vector<ParameterView> views(RowStorage LayerStorage::*kind);
  double step(std::size_t index, const Examples& batch, Barrier& barrier);
  Rows forward(Slice& slice, const Examples& batch, Barrier& barrier);
  Rows collect_deltas(std::size_t index, std::size_t layer, std::size_t batch);

  SgdStep sgd_;  ///< its learning rate is that of the latest train()
  float label_smoothing_;
  bool has_velocity_;
  std::size_t max_batch_;
  std::vector<std::size_t> widths_;  ///< of the images, the hidden layers, and the output
  LayerStorage output_biases_;
  std::vector<RowStorage> outputs_;  ///< of each hidden layer; the images if there is none
  std::vector<Slice> slices_;
  std::vector<Rows> logits_;  ///< what each slice adds to them
};

}  // namespace mnist
