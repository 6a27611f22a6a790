#pragma once

#include <torch/optim/sgd.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mnist_train/engine.h"

namespace mnist {

/// LibTorch's own way: the module's forward pass, backward() and torch::optim::SGD.
class AutogradEngine : public Engine {
 public:
  AutogradEngine(Mlp model, Dataset data, const TrainingOptions& options);

  std::string name() const override { return "autograd"; }
  double train_epoch(const std::optional<torch::Tensor>& order,
                     const StepCallback& on_step) override;
  Evaluation evaluate(const Dataset& data) override;
  std::vector<torch::Tensor> velocities() override;
  void set_velocities(const std::vector<torch::Tensor>& velocities) override;

 private:
  torch::Tensor step(const Dataset& batch);

  Mlp model_;
  Dataset data_;
  std::int64_t batch_;
  bool has_momentum_;
  torch::optim::SGD optimizer_;
};

}  // namespace mnist
