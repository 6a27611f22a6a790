#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "mnist_train/data.h"
#include "mnist_train/metrics.h"
#include "mnist_train/model.h"
#include "mnist_train/options.h"
#include "mnist_train/progress.h"

namespace mnist {

struct TrainingResult {
  Stop stop;
  std::int64_t epochs;  ///< that are done
  double train_loss;    ///< of the last of them, in nats
  double seconds;
  std::optional<Evaluation> validation;  ///< of the trained weights; none without a validation set
};

/// Called after each epoch. Returns whether to go on.
using EpochCallback = std::function<bool(const EpochResult&)>;

/// Trains the model by stochastic gradient descent on the cross-entropy. At the end it has the
/// weights of the last epoch, or with options.patience those with the lowest validation loss; if
/// training diverged, those before. The same seed (torch::manual_seed() before the model is made,
/// and options.seed), options and engine give the same weights. Sets LibTorch's number of threads.
/// Throws Error(kUsage) if the options do not fit the data or this machine, and what `on_epoch`
/// throws.
TrainingResult train(Mlp model, const DataSplits& data, const TrainingOptions& options,
                     const ComputeOptions& compute = {}, const EpochCallback& on_epoch = {});

}  // namespace mnist
