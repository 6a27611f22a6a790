#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "mnist_train/data.h"
#include "mnist_train/metrics.h"
#include "mnist_train/model.h"
#include "mnist_train/options.h"
#include "mnist_train/progress.h"

namespace mnist {

/// Called during training. They return whether to go on.
struct TrainingCallbacks {
  std::function<bool(const Progress&)> on_step = [](const Progress&) { return true; };
  std::function<bool(const EpochResult&)> on_epoch = [](const EpochResult&) { return true; };
};

struct TrainingResult {
  Stop stop;
  std::int64_t epochs;  ///< completed
  double train_loss;    ///< of the last of them, in nats
  double seconds;
  double images_per_second;              ///< 0 if no epoch is completed
  std::optional<Evaluation> validation;  ///< of the final weights; none without a validation set
};

/// Trains the model by stochastic gradient descent on the cross-entropy. At the end it has the
/// weights of the last epoch, or with options.patience those with the lowest validation loss; if
/// training diverged, those before. An epoch that a callback ends before its last step does not
/// count. The same seed (torch::manual_seed() before the model is made, and options.seed), options
/// and engine give the same weights. Sets LibTorch's number of threads. Throws Error(kUsage) if the
/// options do not fit the data or this machine, and what the callbacks throw.
TrainingResult train(Mlp model, const DataSplits& data, const TrainingOptions& options,
                     const ComputeOptions& compute = {}, const TrainingCallbacks& callbacks = {});

/// The logits ([N,10] float32, on the CPU) of images ([N,784] uint8). Leaves the weights, the mode
/// of the model and LibTorch's generator as they were.
torch::Tensor compute_logits(Mlp model, const torch::Tensor& images);

/// Loss and confusion matrix from logits ([N,10] float32) and labels ([N] int64, 0 to 9). The
/// prediction is the digit with the largest logit. N must not be 0.
Evaluation evaluate(const torch::Tensor& logits, const torch::Tensor& labels);

/// Both of the above.
Evaluation evaluate(Mlp model, const Dataset& data);

}  // namespace mnist
