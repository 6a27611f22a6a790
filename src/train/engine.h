#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mnist_train/data.h"
#include "mnist_train/metrics.h"
#include "mnist_train/model.h"
#include "mnist_train/options.h"
#include "train/plan.h"

namespace mnist {

/// Called after each step with the number of images of this epoch that are done. Returns whether to
/// go on: if not, that ends the epoch. So does an exception, which train_epoch() then throws.
using StepCallback = std::function<bool(std::int64_t images_done)>;

/// What an engine computes for a data set.
struct TestResult {
  torch::Tensor logits;  ///< [N,10] float32
  Evaluation evaluation;
};

/// A way to train a model: stochastic gradient descent on the mean cross-entropy of each batch,
/// with the options' learning rate, label smoothing and data augmentation. An engine shares the
/// model, which stays on the CPU, as all tensors here do, and keeps the training and the validation
/// set.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual std::string name() const = 0;

  /// "cpu", or "cuda:0" and so on.
  virtual std::string device() const { return "cpu"; }

  /// The threads that train.
  virtual int threads() const = 0;

  /// Trains one epoch, in batches, of which the last one may be shorter. `epoch` counts from 1; the
  /// learning rate and the augmentation depend on it. `order` says which images it takes, in which
  /// order ([N] int64, indices of training images, N at most their number); without it, all in the
  /// order of the file. Returns the mean of the images' losses, each taken before its step, with
  /// label smoothing, in nats. Afterwards the model's parameters hold the result. Returns none if
  /// the callback has ended the epoch; the parameters are then unspecified.
  virtual std::optional<double> train_epoch(std::int64_t epoch,
                                            const std::optional<torch::Tensor>& order,
                                            const StepCallback& on_step) = 0;

  /// Evaluates the model on the validation set, as evaluate() of evaluation.h does, without label
  /// smoothing or augmentation, except that an engine may round in another way. None if there is no
  /// such set. Changes nothing about training. To be called between epochs only.
  virtual std::optional<Evaluation> validate() = 0;

  /// Evaluates the model on another set in the same way. It must not be empty.
  virtual TestResult test(const Dataset& data) = 0;

  /// Copies of the momentum buffers of the model's parameters, in their order and of their shapes;
  /// empty without momentum. To be called between epochs only.
  virtual std::vector<torch::Tensor> velocities() = 0;

  /// Makes training go on from such copies; from zeros if empty.
  virtual void set_velocities(const std::vector<torch::Tensor>& velocities) = 0;
};

/// The planned engine, to train `model` on `data.train` and validate it on `data.validation`. Sets
/// the number of threads of LibTorch and of its BLAS, and flushes denormals.
std::unique_ptr<Engine> make_engine(const Plan& plan, Mlp model, const DataSplits& data,
                                    const TrainingOptions& options);

}  // namespace mnist
