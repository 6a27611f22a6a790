#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/storage.h"
#include "mnist_train/options.h"
#include "mnist_train/shape.h"
#include "sparse/images.h"
#include "sparse/inputs.h"
#include "sparse/layer.h"
#include "sparse/workers.h"

namespace mnist {

/// The multilayer perceptron and its optimizer in the form that trains fastest on sparse images;
/// README.md explains it. Each thread has a slice of every layer. The number of threads does not
/// change the result.
class SparseNetwork {
 public:
  /// Called with the number of images that are done. Returns whether to continue.
  using OnStep = std::function<bool(std::size_t images_done)>;

  /// For batches of at most `max_batch` images. The weights are initialized to zero. Throws
  /// std::bad_alloc.
  SparseNetwork(const TrainingOptions& options, std::size_t max_batch, std::size_t threads);

  /// At most as many as the widest hidden layer has groups.
  std::size_t threads() const { return workspaces_.size(); }

  /// Weights and biases, or their momentum buffers. These exist with momentum or weight decay only.
  enum Values { kParameters, kVelocities };

  /// Copies from or to a model, between epochs. `model` has weights [outputs, inputs] and biases
  /// [outputs] of each layer in turn.
  void load(Values values, const std::vector<float*>& model);
  void store(Values values, const std::vector<float*>& model);

  /// Takes an SGD step at this learning rate on the mean cross-entropy of each batch in turn.
  /// Returns the sum of the images' losses, each before its step, in nats; none if on_step returned
  /// false. on_step is called in the calling thread after each step; an exception from it is
  /// rethrown. Throws std::system_error if a thread cannot be started.
  std::optional<double> train(const Examples& examples, double lr, const OnStep& on_step);

  /// Computes the logits of all images, [N,10] row by row. Throws as above.
  void compute_logits(const SparseImages& images, float* logits);

 private:
  static constexpr std::size_t kClasses = kDigits;

  struct HiddenLayer {
    Layer layer;
    RowStorage outputs;       ///< of a batch, before ReLU
    RowStorage deltas;        ///< the gradients of the loss with respect to these
    RowStorage input_deltas;  ///< and to the inputs, as partial sums of each group of columns
  };

  /// The memory that a worker does not share.
  struct Workspace {
    std::vector<LayerInputs> inputs;  ///< of each hidden layer
    RowStorage logit_deltas;          ///< the gradients of the loss with respect to the logits
    LayerInputs digits;               ///< the same as lists
    RowStorage scratch;               ///< of dot_and_update_rows()
    std::optional<LazyUpdates> lazy_updates;  ///< of the first layer, during train()
  };

  template <typename Copy>
  void copy(Values values, const std::vector<float*>& model, const Copy& copy_number);
  GroupRows group_rows(const RowStorage& storage) const { return {storage.rows(), max_batch_}; }
  const RowStorage& output_inputs() const {
    return hidden_.empty() ? images_ : hidden_.back().outputs;
  }
  void sum_logits(std::size_t image, float* logits) const;

  // The parts of a step that a worker computes.
  void forward(Worker& worker, const Examples& batch);
  double losses(const Worker& worker, const Examples& batch);
  void backward_output(const Worker& worker, std::size_t batch);
  void backward_hidden(Worker& worker, std::size_t batch);
  void update_output_biases(std::size_t batch);

  SgdStep sgd_;  ///< its learning rate is that of the latest train()
  float label_smoothing_;
  bool has_velocity_;
  std::size_t max_batch_;
  bool was_alone_ = false;  ///< whether the main thread finished the latest train() alone
  std::vector<HiddenLayer> hidden_;
  /// Rows of ten outputs would be too short. So its weights are transposed, as in PyTorch: a row
  /// for each digit, a column for each input. The kernels see the digits as inputs.
  Layer output_;
  std::array<float, kClasses> output_biases_{};
  std::array<float, kClasses> output_biases_velocity_{};
  RowStorage images_;  ///< a batch in dense form, if there is no hidden layer
  RowStorage logits_;  ///< the partial sums of each group of the output layer's columns
  std::vector<Workspace> workspaces_;
};

}  // namespace mnist
