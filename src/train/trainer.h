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

/// Everything that training needs to go on after a whole number of epochs. The tensors have the
/// order and the shapes of the model's parameters.
struct TrainingState {
  std::int64_t epochs = 0;  ///< completed
  double loss = 0.0;        ///< training loss of the last of them, in nats
  std::vector<torch::Tensor> parameters;
  std::vector<torch::Tensor> velocities;  ///< the momentum buffers, if there is momentum
  std::optional<BestEpoch> best;          ///< only if training has a patience
};

/// Does what train() of mnist_train/train.h does, by an engine that was made for the model and
/// data.train, from `state` on. Keeps the state up to date: on_epoch is called with it as it is
/// after the epoch or, if that diverged, before it.
TrainingResult train(Engine& engine, Mlp model, const DataSplits& data,
                     const TrainingOptions& options, TrainingState& state,
                     const TrainingCallbacks& callbacks);

}  // namespace mnist
