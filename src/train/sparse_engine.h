#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "augment/augmentation.h"
#include "mnist_train/engine.h"
#include "sparse/images.h"
#include "sparse/network.h"
#include "train/schedule.h"

namespace mnist {

/// Trains with what is not zero only: on the CPU, in float32, without autograd. See
/// src/sparse/README.md.
class SparseEngine : public Engine {
 public:
  /// `forms` are those of `data`. That of the training images must be there.
  SparseEngine(Mlp model, const DataSplits& data, SparseForms forms,
               const TrainingOptions& options);

  std::string name() const override;
  std::optional<double> train_epoch(std::int64_t epoch, const std::optional<torch::Tensor>& order,
                                    const StepCallback& on_step) override;
  std::optional<Evaluation> validate() override;
  Tested test(const Dataset& data) override;
  int threads() const override { return static_cast<int>(network_.threads()); }
  std::vector<torch::Tensor> velocities() override;
  void set_velocities(const std::vector<torch::Tensor>& velocities) override;

 private:
  std::optional<double> train_stretch(const Stretch& stretch, std::int64_t epoch,
                                      const torch::Tensor& order, const StepCallback& on_step);

  Mlp model_;
  TrainingOptions options_;
  torch::Tensor labels_;  ///< of the training images
  Dataset validation_;
  SparseForms forms_;
  std::optional<Augmentation> augmentation_;
  SparseImages distorted_;  ///< the images of a stretch, if they are distorted
  SparseNetwork network_;
};

}  // namespace mnist
