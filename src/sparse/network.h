#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/storage.h"
#include "mnist_train/options.h"
#include "sparse/images.h"
#include "sparse/inputs.h"
#include "sparse/output.h"
#include "sparse/slice.h"
#include "sparse/workers.h"

namespace mnist {

/// The perceptron and its optimizer in the form that trains fastest on sparse images; README.md
/// explains it. Several threads train it together, and each has a slice of every layer. Their
/// number does not change the result.
class SparseNetwork {
 public:
  /// Called with the number of images that are done. Returns whether to go on.
  using OnStep = std::function<bool(std::size_t images_done)>;

  /// For batches of at most `max_batch` images. All weights are zero at first.
  SparseNetwork(const TrainingOptions& options, std::size_t max_batch, std::size_t threads);

  /// As many as were asked for, but at most as the widest layer has groups of columns.
  std::size_t threads() const { return slices_.size(); }

  /// Weights and biases, or what momentum and weight decay keep of them, if there is one of the
  /// two.
  enum Values { kParameters, kVelocities };

  /// Copies them from a model, or to it, between epochs. `model` has weights [outputs, inputs] and
  /// biases [outputs] of each layer in turn.
  void load(Values values, const std::vector<float*>& model) {
    copy(values, model, Copy::kFromModel);
  }
  void store(Values values, const std::vector<float*>& model) const {
    copy(values, model, Copy::kToModel);
  }

  /// Trains with a step of SGD at this learning rate on the mean cross-entropy of each batch in
  /// turn. Returns the sum of the images' losses, each before its step, in nats; none if on_step
  /// has ended the training. on_step is called in the calling thread after each step, and what it
  /// throws ends the training, too. Throws std::system_error if a thread cannot be started.
  std::optional<double> train(const Examples& examples, double lr, const OnStep& on_step);

  /// Computes the logits of all images, [N,10] row by row. Throws as above.
  void compute_logits(const SparseImages& images, float* logits);

 private:
  /// What a worker has for itself.
  struct Workspace {
    std::vector<LayerInputs> inputs;  ///< of each hidden layer
    RowStorage logit_deltas;          ///< the derivatives of the mean cross-entropy by the logits
    LayerStorage output_biases;
  };

  /// What all slices of a hidden layer compute for a batch.
  struct Activations {
    RowStorage outputs;       ///< before ReLU
    RowStorage deltas;        ///< the derivatives of the loss by these
    RowStorage input_deltas;  ///< what each group of columns adds to those of the layer before
  };

  void copy(Values values, const std::vector<float*>& model, Copy direction) const;
  std::span<Slice> slices_of(const Worker& worker);
  Rows output_inputs(const Slice& slice);
  GroupRows group_rows(const RowStorage& storage) const { return {storage.rows(), max_batch_}; }

  void share_output_biases();
  void add_up_logits(const Worker& worker, std::size_t image, float* logits) const;

  // What a worker does of a step, and of each part of it.
  double step(Worker& worker, const Examples& batch);
  void forward(Worker& worker, const Examples& batch);
  void catch_up(const Worker& worker);
  double losses(const Worker& worker, const Examples& batch);
  void backward(Worker& worker, std::size_t batch);

  SgdStep sgd_;  ///< its learning rate is that of the latest train()
  float label_smoothing_;
  bool has_velocity_;
  std::size_t max_batch_;
  bool was_alone_ = false;          ///< whether the main thread has ended the latest train() alone
  std::vector<std::size_t> sizes_;  ///< of the images and the hidden layers
  std::vector<Slice> slices_;
  std::vector<Workspace> workspaces_;  ///< as many
  std::vector<Activations> hidden_;
  RowStorage images_;  ///< where there is no hidden layer: a batch in full
  RowStorage logits_;  ///< what each group of columns adds to them
};

}  // namespace mnist
