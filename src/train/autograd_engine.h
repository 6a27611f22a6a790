#pragma once

#include <torch/optim/sgd.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mnist_train/engine.h"

namespace mnist {

/// Trains as LibTorch itself does: with the module's forward pass, backward() and
/// torch::optim::SGD.
class AutogradEngine : public Engine {
 public:
  AutogradEngine(Mlp model, const DataSplits& data, const TrainingOptions& options);

  std::string name() const override { return "autograd"; }
  std::optional<double> train_epoch(const std::optional<torch::Tensor>& order,
                                    const StepCallback& on_step) override;
  std::optional<Evaluation> validate() override;
  std::vector<torch::Tensor> velocities() override;
  void set_velocities(const std::vector<torch::Tensor>& velocities) override;

 private:
  torch::Tensor step(const Dataset& batch);  ///< the mean loss of the batch before the step

  Mlp model_;
  Dataset train_;
  Dataset validation_;
  std::int64_t batch_;
  bool has_momentum_;
  torch::optim::SGD optimizer_;
};

}  // namespace mnist
