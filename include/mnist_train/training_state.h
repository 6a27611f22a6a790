#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "mnist_train/engine.h"
#include "mnist_train/model.h"

namespace mnist {

/// The epoch whose weights did best on the validation images.
struct BestEpoch {
  std::int64_t epoch;
  double loss;  ///< on the validation images
  std::vector<torch::Tensor> parameters;
};

/// All that training needs to go on after a whole number of epochs. The tensors are in the order of
/// the model's parameters, and of their shapes.
struct TrainingState {
  std::int64_t epochs = 0;  ///< done
  double loss = 0.0;        ///< of the last of them
  std::vector<torch::Tensor> parameters;
  std::vector<torch::Tensor> velocities;  ///< what momentum keeps of each; empty without momentum
  std::optional<BestEpoch> best;          ///< with --patience
};

/// Copies of what the model and the engine hold.
std::vector<torch::Tensor> copy_parameters(const MlpImpl& model);
void set_parameters(Mlp model, const std::vector<torch::Tensor>& values);

}  // namespace mnist
