#pragma once

#include <torch/optim/sgd.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "augment/augmentation.h"
#include "sparse/images.h"
#include "train/engine.h"

namespace mnist {

/// Trains as LibTorch itself does: with the module's forward pass, backward() and
/// torch::optim::SGD. On a GPU it has a copy of the model there, which follows the model before
/// each epoch and each test, and which the model follows after each epoch.
class AutogradEngine : public Engine {
 public:
  AutogradEngine(Mlp model, const DataSplits& data, const TrainingOptions& options, int threads = 1,
                 torch::Device device = torch::kCPU);

  std::string name() const override { return "autograd"; }
  std::string device() const override { return device_.str(); }
  int threads() const override { return threads_; }
  std::optional<double> train_epoch(std::int64_t epoch, const std::optional<torch::Tensor>& order,
                                    const StepCallback& on_step) override;
  std::optional<Evaluation> validate() override;
  TestResult test(const Dataset& data) override;
  std::vector<torch::Tensor> velocities() override;
  void set_velocities(const std::vector<torch::Tensor>& velocities) override;

 private:
  /// Images and labels as a step takes them, on the device.
  struct Batch {
    torch::Tensor images;  ///< [N,784] float32 in [0,1]
    torch::Tensor labels;  ///< [N] int64
  };

  Batch load(std::int64_t epoch, const torch::Tensor& indices);
  torch::Tensor step(const Batch& batch);

  torch::Device device_;
  int threads_;
  Mlp model_;
  Mlp on_device_;
  TrainingOptions options_;
  Dataset train_;  ///< on the device
  Dataset validation_;
  std::optional<Augmentation> augmentation_;
  SparseImages sparse_;  ///< the training images, if they are augmented
  torch::optim::SGD optimizer_;
};

}  // namespace mnist
