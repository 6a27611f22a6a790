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

/// The CUDA devices that LibTorch can compute on.
struct Gpus {
  int count = 0;
  std::string why_none;  ///< if there are none, as in "this LibTorch was built without CUDA"
};

/// Starts the driver, if LibTorch was built for CUDA and there is one.
Gpus find_gpus();

/// What trains, and why.
struct Plan {
  EngineKind engine;  ///< not kAuto
  torch::Device device;
  int threads;
  std::string reason;  ///< why this engine, for the log
};

/// Chooses what kAuto and "auto" leave open: what is fastest with these options. That is the engine
/// `sparse` on the CPU, except for large batches and layers: then `autograd`, and a GPU if there is
/// one and it is several times as fast. `find` is called only if the device may be a GPU. Throws
/// Error(kUsage) if there is no such device, or if the engine cannot use it.
Plan make_plan(const ComputeOptions& compute, const TrainingOptions& training,
               const std::function<Gpus()>& find = find_gpus);

/// Called after each step with the number of images of this epoch that are done. Returns whether to
/// go on: if not, that ends the epoch. So does an exception, which train_epoch() then throws.
using StepCallback = std::function<bool(std::int64_t images_done)>;

/// A way to train a model: stochastic gradient descent on the mean cross-entropy of each batch,
/// with the options' learning rate, label smoothing and data augmentation. An engine shares the
/// model, which stays on the CPU, as all tensors here do, and keeps the training set. All but
/// train_epoch() may be called between epochs only.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual std::string name() const = 0;

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

  /// The same as compute_logits() of the model, but that an engine may round in another way.
  virtual torch::Tensor logits(const torch::Tensor& images) = 0;

  /// Copies of the momentum buffers after an epoch, in the order and of the shapes of the model's
  /// parameters; empty without momentum.
  virtual std::vector<torch::Tensor> velocities() = 0;

  /// Makes training go on from such copies. Without them it begins with zeros.
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

/// compute_logits() as the sparse engine does it: with the same bits on all CPUs and for any number
/// of threads.
torch::Tensor sparse_logits(const Mlp& model, const torch::Tensor& images, int threads);

}  // namespace mnist
