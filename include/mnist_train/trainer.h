#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "mnist_train/engine.h"
#include "mnist_train/metrics.h"
#include "mnist_train/options.h"
#include "mnist_train/training_state.h"

namespace mnist {

/// Where a run is, after a step.
struct Progress {
  std::int64_t epoch;  ///< counts from 1
  std::int64_t epochs;
  std::int64_t images_done;        ///< of this epoch
  std::int64_t images;             ///< of an epoch
  double epoch_seconds;            ///< since this epoch began
  double seconds;                  ///< since training began
  std::int64_t epochs_before = 0;  ///< those done when it began
};

/// The result of one epoch. Losses are in nats, and NaN or infinite where training diverged.
struct EpochResult {
  std::int64_t epoch;   ///< counts from 1
  std::int64_t epochs;  ///< of the whole run; 0 if this was read from metrics.jsonl
  double train_loss;    ///< mean over the epoch's images, see Engine::train_epoch
  double seconds;
  double images_per_second;
  std::optional<double> validation_loss = std::nullopt;  ///< after the epoch, see Engine::evaluate
  std::optional<double> validation_accuracy = std::nullopt;  ///< likewise, in [0,1]
};

/// Is told what happens during training.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  virtual void on_step(const Progress&) {}
  virtual void on_epoch(const EpochResult&) {}
  /// After on_epoch(), unless training diverged: what it goes on from.
  virtual void on_state(const TrainingState&) {}
};

/// Tells several, in turn.
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

/// What is trained, and on what.
struct Training {
  Engine& engine;
  Mlp model;
  std::int64_t images;               ///< in the training set
  Dataset validation;                ///< may be empty
  std::function<bool()> stop_asked;  ///< asked before every step
};

enum class Stop {
  kEpochs,    ///< all epochs are done
  kPatience,  ///< the loss on the validation images has not fallen for too many epochs
  kMaxTime,
  kAsked,
  kDiverged,  ///< the loss of an epoch, or the weights after it, were not finite
};

struct TrainingOutcome {
  Stop stop;
  double seconds;
  double images_per_second;  ///< in the steps of this run; 0 if it took none
  std::optional<Evaluation>
      validation;  ///< by the final weights, if an epoch of this run ended with them
};

/// Trains on from `state`, which it keeps up to date, until all epochs are done or something else
/// ends it. An epoch that was broken off or diverged does not count. At the end the model has the
/// weights of the last epoch that does; with patience, of the best.
TrainingOutcome train(const Training& training, const TrainingOptions& options,
                      TrainingState& state, TrainingObserver& observer);

}  // namespace mnist
