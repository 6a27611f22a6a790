#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "mnist_train/train.h"
#include "train/engine.h"

namespace mnist {

/// The epoch with the lowest validation loss.
struct BestEpoch {
  std::int64_t epoch;
  double loss;  ///< validation loss
  std::vector<torch::Tensor> parameters;
};

/// The state of training after a whole number of epochs, enough to resume it. The tensors have the
/// order and the shapes of the model's parameters.
struct TrainingState {
  std::int64_t epochs = 0;  ///< completed
  double loss = 0.0;        ///< training loss of the last of them, in nats
  std::vector<torch::Tensor> parameters;
  std::vector<torch::Tensor> velocities;  ///< the momentum buffers, if there is momentum
  std::optional<BestEpoch> best;          ///< only if training has a patience
};

/// train() of mnist_train/train.h with an engine for this model and data.train, resumed from
/// `state`. Updates the state before each call of on_epoch, unless the epoch diverged.
TrainingResult train(Engine& engine, Mlp model, const DataSplits& data,
                     const TrainingOptions& options, TrainingState& state,
                     const TrainingCallbacks& callbacks);

}  // namespace mnist
