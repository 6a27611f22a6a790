#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "augment/augmentation.h"
#include "sparse/images.h"
#include "sparse/network.h"
#include "train/engine.h"
#include "train/schedule.h"

namespace mnist {

/// Trains with what is not zero only: on the CPU, in float32, without autograd. See
/// src/sparse/README.md.
class SparseEngine : public Engine {
 public:
  SparseEngine(Mlp model, const DataSplits& data, const TrainingOptions& options, int threads = 1);

  std::string name() const override;
  int threads() const override { return static_cast<int>(network_.threads()); }
  std::optional<double> train_epoch(std::int64_t epoch, const std::optional<torch::Tensor>& order,
                                    const StepCallback& on_step) override;
  std::optional<Evaluation> validate() override;
  TestResult test(const Dataset& data) override;
  std::vector<torch::Tensor> velocities() override;
  void set_velocities(const std::vector<torch::Tensor>& velocities) override;

 private:
  std::optional<double> train_segment(const Segment& segment, std::int64_t epoch,
                                      const torch::Tensor& order, const StepCallback& on_step);

  Mlp model_;
  TrainingOptions options_;
  int threads_;           ///< that augment
  torch::Tensor labels_;  ///< of the training set
  Dataset validation_;
  SparseImages images_;  ///< of the training set
  SparseImages validation_images_;
  std::optional<Augmentation> augmentation_;
  SparseImages augmented_;  ///< the images of a segment
  SparseNetwork network_;
};

/// Evaluates a model that is not being trained, as the sparse engine does: with the same bits on
/// all CPUs. `data` must not be empty.
TestResult test_sparse(const Mlp& model, const Dataset& data, int threads);

}  // namespace mnist
