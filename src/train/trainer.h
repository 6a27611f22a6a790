#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "mnist_train/train.h"
#include "train/engine.h"
#include "train/observer.h"

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
  std::int64_t epochs = 0;  ///< that are done
  double loss = 0.0;        ///< training loss of the last of them, in nats
  std::vector<torch::Tensor> parameters;
  std::vector<torch::Tensor> velocities;  ///< the momentum buffers, if there is momentum
  std::optional<BestEpoch> best;          ///< only if training has a patience
};

/// Tells several observers, one after the other.
class Observers : public TrainingObserver {
 public:
  explicit Observers(std::vector<TrainingObserver*> observers) : observers_(std::move(observers)) {}

  void on_step(const Progress& progress) override {
    for (TrainingObserver* observer : observers_) observer->on_step(progress);
  }
  void on_epoch(const EpochResult& result) override {
    for (TrainingObserver* observer : observers_) observer->on_epoch(result);
  }
  void on_state(const TrainingState& state) override {
    for (TrainingObserver* observer : observers_) observer->on_state(state);
  }

 private:
  std::vector<TrainingObserver*> observers_;
};

/// What is trained, and on how much.
struct Training {
  Engine& engine;
  Mlp model;                         ///< that of the engine
  std::int64_t images;               ///< in the training set
  std::function<bool()> stop_asked;  ///< asked before every step
};

struct TrainingOutcome {
  Stop stop;
  double seconds;
  double images_per_second;              ///< in the whole epochs of this run; 0 if there are none
  std::optional<Evaluation> validation;  ///< of the final weights, if it is known already
};

/// Trains on from `state`, and keeps it up to date, until all epochs are done or there is another
/// reason to stop. An epoch that was broken off or that diverged does not count. At the end the
/// model has the weights of the last epoch that counts; with patience, of the best. Throws
/// Error(kUsage) if options.patience is set and there is no validation set.
TrainingOutcome train(const Training& training, const TrainingOptions& options,
                      TrainingState& state, TrainingObserver& observer);

}  // namespace mnist
