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

namespace mnist {

/// Called after each step with the number of images of this epoch that are done. What it throws
/// ends the epoch, and leaves the model's parameters anything.
using StepCallback = std::function<void(std::int64_t images_done)>;

/// A way to train: stochastic gradient descent on the mean cross-entropy of each batch. And to test
/// between epochs what has come of it.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual std::string name() const = 0;

  /// Trains one epoch, taking the images in `order` ([N] int64 indices, N at most the number of
  /// images; none: the order of the file) in batches, of which the last may be shorter. Afterwards
  /// the model's parameters hold the result. Returns the sum of the images' losses, each taken
  /// before its step, over N.
  virtual double train_epoch(const std::optional<torch::Tensor>& order,
                             const StepCallback& on_step) = 0;

  /// Tests the model on every image, as evaluate() of evaluation.h does but for what the engine
  /// rounds in another way. Changes nothing about training. Only between epochs, and the data set
  /// must not be empty.
  virtual Evaluation evaluate(const Dataset& data) = 0;

  /// Keeps in `data` what this engine's evaluate() would otherwise make of it every time.
  virtual void prepare(Dataset& /*data*/) const {}

  /// Copies of what momentum keeps of each of the model's parameters, in their order and of their
  /// shapes; empty without momentum. Only between epochs.
  virtual std::vector<torch::Tensor> velocities() = 0;

  /// Goes on from such copies; from zeros if empty.
  virtual void set_velocities(const std::vector<torch::Tensor>& velocities) = 0;
};

struct EngineChoice {
  std::unique_ptr<Engine> engine;
  std::string reason;  ///< why this one, for the log
};

/// The engine that `kind` names, or that is fastest for kAuto, to train `model`, which it shares,
/// on `data`. Throws Error(kUsage) if the engine named cannot do it.
EngineChoice make_engine(EngineKind kind, Mlp model, const Dataset& data,
                         const TrainingOptions& options);

}  // namespace mnist
