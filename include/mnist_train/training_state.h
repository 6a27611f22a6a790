#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "mnist_train/model.h"

namespace mnist {

/// The epoch whose weights did best on the validation images.
struct BestEpoch {
  std::int64_t epoch;
  double loss;  ///< on the validation images
  std::vector<torch::Tensor> parameters;
};

/// Everything that training needs to go on after a whole number of epochs. The tensors have the
/// order and the shapes of the model's parameters.
struct TrainingState {
  std::int64_t epochs = 0;  ///< that are done
  double loss = 0.0;        ///< training loss of the last of them, in nats
  std::vector<torch::Tensor> parameters;
  std::vector<torch::Tensor> velocities;  ///< the momentum of each parameter, if there is momentum
  std::optional<BestEpoch> best;          ///< only if training has a patience
};

}  // namespace mnist
