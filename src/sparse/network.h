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
#include "sparse/lazy_updates.h"
#include "sparse/workers.h"

namespace mnist {

/// The perceptron and its optimizer in the form that trains fastest on sparse images; README.md
/// explains it. Several threads train it together, each a slice of every layer. Their number does
/// not change the result.
class SparseNetwork {
 public:
  /// Called with the number of images that are done. Returns whether to go on.
  using OnStep = std::function<bool(std::size_t images_done)>;

  /// For batches of at most `max_batch` images. All weights are zero at first. Throws
  /// std::bad_alloc.
  SparseNetwork(const TrainingOptions& options, std::size_t max_batch, std::size_t threads);

  /// As many as were asked for, but no more than divide the groups of the widest hidden layer.
  std::size_t threads() const { return workspaces_.size(); }

  /// Weights and biases, or their velocities, if there is momentum or weight decay.
  enum Values { kParameters, kVelocities };

  /// Copies them from a model, or to it, between epochs. `model` has the weights [outputs, inputs]
  /// and the biases [outputs] of each layer in turn.
  void load(Values values, const std::vector<float*>& model);
  void store(Values values, const std::vector<float*>& model);

  /// Trains with a step of SGD at this learning rate on the mean cross-entropy of each batch in
  /// turn. Returns the sum of the images' losses, each before its step, in nats; none if on_step
  /// has ended the training. on_step is called in the calling thread after each step, and what it
  /// throws ends the training, too. Throws std::system_error if a thread cannot be started.
  std::optional<double> train(const Examples& examples, double lr, const OnStep& on_step);

  /// Computes the logits of all images, [N,10] row by row. Throws as above.
  void compute_logits(const SparseImages& images, float* logits);

 private:
  struct HiddenLayer {
    Layer layer;
    RowStorage outputs;       ///< of a batch, before ReLU
    RowStorage deltas;        ///< the derivatives of the loss by these
    RowStorage input_deltas;  ///< what each group of columns adds to those of the layer before
  };

  /// What a worker has for itself.
  struct Workspace {
    std::vector<LayerInputs> inputs;  ///< of each hidden layer
    RowStorage logit_deltas;          ///< the derivatives of the mean cross-entropy by the logits
    LayerInputs digits;               ///< the same as lists
    RowStorage scratch;               ///< of dot_and_update_rows()
    std::optional<LazyUpdates> lazy_updates;  ///< of the first layer, while it is trained
  };

  template <typename Copy>
  void copy(Values values, const std::vector<float*>& model, const Copy& copy_number);
  GroupRows group_rows(const RowStorage& storage) const { return {storage.rows(), max_batch_}; }
  const RowStorage& output_inputs() const {
    return hidden_.empty() ? images_ : hidden_.back().outputs;
  }
  void add_up_logits(std::size_t image, float* logits) const;

  // What a worker does of a step, and of each part of it.
  void forward(Worker& worker, const Examples& batch);
  double losses(const Worker& worker, const Examples& batch);
  void backward_output(const Worker& worker, std::size_t batch);
  void backward_hidden(Worker& worker, std::size_t batch);
  void update_output_biases(std::size_t batch);

  SgdStep sgd_;  ///< its learning rate is that of the latest train()
  float label_smoothing_;
  bool has_velocity_;
  std::size_t max_batch_;
  bool was_alone_ = false;  ///< whether the main thread has ended the latest train() alone
  std::vector<HiddenLayer> hidden_;
  /// Ten outputs are too short for rows. So these are its weights as in PyTorch: a row for each
  /// digit, as long as the layer has inputs. To the kernels the digits are its inputs.
  Layer output_;
  std::array<float, kDigits> output_biases_{};
  std::array<float, kDigits> output_biases_velocity_{};
  RowStorage images_;  ///< where there is no hidden layer: a batch in full
  RowStorage logits_;  ///< what each group of the output layer's columns adds to them
  std::vector<Workspace> workspaces_;
};

}  // namespace mnist
