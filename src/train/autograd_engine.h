#pragma once

#include <torch/optim/sgd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "augment/augmentation.h"
#include "mnist_train/engine.h"
#include "train/schedule.h"

namespace mnist {

/// Trains as LibTorch itself does: with the module's forward pass, backward() and
/// torch::optim::SGD. On another device than the processor it has a copy of the model there, which
/// follows the model before each epoch and each test, and which the model follows after each epoch.
class AutogradEngine : public Engine {
 public:
  /// `sparse` is the sparse form of the training images, which it needs to distort them.
  AutogradEngine(Mlp model, const DataSplits& data, const TrainingOptions& options,
                 std::shared_ptr<const SparseImages> sparse = nullptr,
                 torch::Device device = torch::kCPU);

  std::string name() const override { return "autograd"; }
  std::string device() const override { return device_.str(); }
  std::optional<double> train_epoch(std::int64_t epoch, const std::optional<torch::Tensor>& order,
                                    const StepCallback& on_step) override;
  std::optional<Evaluation> validate() override;
  Tested test(const Dataset& data) override;
  int threads() const override { return options_.threads; }
  std::vector<torch::Tensor> velocities() override;
  void set_velocities(const std::vector<torch::Tensor>& velocities) override;

 private:
  torch::Tensor step(const Dataset& batch);  ///< the mean loss of the batch before the step
  Dataset distorted(const Stretch& stretch, std::int64_t epoch,
                    const std::optional<torch::Tensor>& order);

  torch::Device device_;
  Mlp model_;
  Mlp on_device_;
  TrainingOptions options_;
  Dataset train_;       ///< on the device
  Dataset validation_;  ///< the images on the device
  std::optional<Augmentation> augmentation_;
  std::shared_ptr<const SparseImages> sparse_;
  torch::optim::SGD optimizer_;
};

}  // namespace mnist
