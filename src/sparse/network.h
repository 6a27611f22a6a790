#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "mnist_train/metrics.h"
#include "mnist_train/options.h"
#include "sparse/barrier.h"
#include "sparse/idle_rows.h"
#include "sparse/images.h"
#include "sparse/kernels.h"
#include "sparse/layer.h"
#include "sparse/output.h"
#include "sparse/storage.h"

namespace mnist {

/// The images of an epoch, or of a test: indices[0..count-1], in this order. labels are those of
/// all images.
struct Selection {
  const SparseImages& images;
  const std::int64_t* labels;
  const std::int64_t* indices;
  std::size_t count;
};

/// The perceptron and its optimiser in the form that trains fastest on sparse images: weights
/// input-major, no gradients stored, and nothing computed for inputs that are zero. Each thread has
/// a slice of it: some columns of every hidden layer, with the weights that lead to them, and of
/// the output layer the weights from its columns of the last. So each weight has one thread, and
/// what they exchange in a step is small: outputs, logits and deltas.
class SparseNetwork {
 public:
  using OnStep = std::function<void(std::size_t images_done)>;

  struct Slice {
    std::vector<SparseLayer> hidden;
    SparseOutput output;
    RowStorage deltas;   ///< the loss differentiated by its columns of the last hidden layer
    IdleRows idle_rows;  ///< of the first hidden layer
  };

  /// For steps of at most `max_batch` images. The weights are zero at first.
  SparseNetwork(const TrainingOptions& options, std::size_t max_batch);

  /// With the weights, to be set or read between epochs. Each slice has all output biases.
  std::vector<Slice>& slices() { return slices_; }

  /// A step of SGD on the mean cross-entropy of each batch in turn. Returns the sum of the images'
  /// losses, each before its step, in nats. on_step is called in the calling thread after each
  /// step; what it throws ends the epoch. The same number of threads gives the same result.
  double train_epoch(const Selection& epoch, const OnStep& on_step);

  /// Tests it on these images, at least one. The same number of threads gives the same result.
  Evaluation evaluate(const Selection& test);

 private:
  using SliceTask = std::function<void(std::size_t index, Barrier& barrier)>;

  void for_all_slices(const SliceTask& task);
  double train_slice(std::size_t index, const Selection& epoch, const OnStep& on_step,
                     Barrier& barrier);
  double step(std::size_t index, const SparseImages& images, const Batch& batch, Barrier& barrier);
  Rows forward(Slice& slice, const SparseImages& images, const Batch& batch, Barrier& barrier);
  void take_image(Slice& slice, const SparseImages& images, std::size_t index, std::size_t image);
  Rows collect_deltas(std::size_t index, std::size_t layer, std::size_t count);

  SgdStep sgd_;
  bool has_velocity_;
  std::size_t max_batch_;
  std::vector<RowStorage> outputs_;  ///< of each hidden layer; the images if there is none
  std::vector<Slice> slices_;
  std::vector<Rows> logits_;  ///< what each slice adds to them
};

}  // namespace mnist
