#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mnist_train/data.h"
#include "mnist_train/model.h"
#include "mnist_train/options.h"

namespace mnist {

/// The CUDA devices that LibTorch can use.
struct Gpus {
  int count = 0;
  std::string why_none;  ///< if there are none, as in "this LibTorch was built without CUDA"
};

/// Initializes the CUDA driver, if there is one.
Gpus find_gpus();

/// The engine and device of a run.
struct Plan {
  EngineKind engine;  ///< not kAuto
  torch::Device device;
  int threads;
  std::string reason;  ///< why this engine, for the log
};

/// Resolves kAuto and "auto" to what is fastest with these options: the sparse engine on the CPU,
/// or for large batches and layers autograd, on a GPU if there is one and it is several times as
/// fast. `find` is called only if the device may be a GPU. Throws Error(kUsage) if there is no such
/// device, or if the engine does not support it.
Plan make_plan(const ComputeOptions& compute, const TrainingOptions& training,
               const std::function<Gpus()>& find = find_gpus);

/// Called after each step with the number of images of this epoch that are done. Returns whether to
/// continue the epoch. train_epoch() throws what it throws.
using StepCallback = std::function<bool(std::int64_t images_done)>;

/// An implementation of training: stochastic gradient descent on the mean cross-entropy of each
/// batch, with the options' learning rate, label smoothing and data augmentation. An engine shares
/// the model and keeps the training set. All tensors below are on the CPU. No function may be
/// called during train_epoch().
class Engine {
 public:
  virtual ~Engine() = default;

  virtual std::string name() const = 0;

  /// The number of threads that train.
  virtual int threads() const = 0;

  /// Trains one epoch, in batches, of which the last one may be shorter. `epoch` counts from 1; the
  /// order of the images, the learning rate and the augmentation depend on it. Returns the mean of
  /// the images' losses, each taken before its step, with label smoothing, in nats. Afterwards the
  /// model's parameters hold the result. Returns none if the callback has ended the epoch; the
  /// parameters are then unspecified.
  virtual std::optional<double> train_epoch(std::int64_t epoch, const StepCallback& on_step) = 0;

  /// compute_logits() of the model, up to rounding.
  virtual torch::Tensor logits(const torch::Tensor& images) = 0;

  /// Copies of the momentum buffers after an epoch, in the order and of the shapes of the model's
  /// parameters. To be called with momentum only, as the next.
  virtual std::vector<torch::Tensor> velocities() = 0;

  /// Sets the momentum buffers to such copies. They are initialized to zero.
  virtual void set_velocities(const std::vector<torch::Tensor>& velocities) = 0;
};

/// The planned engine, to train `model` on a data set. Sets the number of threads of LibTorch and
/// of its BLAS, and flushes denormals.
std::unique_ptr<Engine> make_engine(const Plan& plan, Mlp model, const Dataset& train,
                                    const TrainingOptions& options);

std::unique_ptr<Engine> make_autograd_engine(Mlp model, const Dataset& train,
                                             const TrainingOptions& options, int threads,
                                             torch::Device device);
std::unique_ptr<Engine> make_sparse_engine(Mlp model, const Dataset& train,
                                           const TrainingOptions& options, int threads);

/// compute_logits() by the sparse engine: with the same bits on all CPUs and for any number of
/// threads.
torch::Tensor sparse_logits(const Mlp& model, const torch::Tensor& images, int threads);

}  // namespace mnist
