#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mnist_train/engine.h"
#include "sparse/images.h"
#include "sparse/network.h"

namespace mnist {

/// Trains on what is not zero only: on the CPU, in float32, without autograd. See sparse_network.h.
class SparseEngine : public Engine {
 public:
  /// `images` is the sparse form of `data`.
  SparseEngine(Mlp model, const Dataset& data, std::shared_ptr<const SparseImages> images,
               const TrainingOptions& options);

  std::string name() const override;
  double train_epoch(const std::optional<torch::Tensor>& order,
                     const StepCallback& on_step) override;
  Evaluation evaluate(const Dataset& data) override;
  void prepare(Dataset& data) const override { data.sparse = sparse_form(data); }
  std::vector<torch::Tensor> velocities() override;
  void set_velocities(const std::vector<torch::Tensor>& velocities) override;

 private:
  void load_weights();
  void store_weights();

  Mlp model_;
  torch::Tensor labels_;
  std::shared_ptr<const SparseImages> images_;
  bool has_momentum_;
  SparseNetwork network_;
};

}  // namespace mnist
