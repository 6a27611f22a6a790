#pragma once

#include <cstdint>
#include <optional>

namespace mnist {

/// How far a run is after a step.
struct Progress {
  std::int64_t epoch;  ///< counts from 1
  std::int64_t epochs;
  std::int64_t images_done;        ///< in this epoch
  std::int64_t images;             ///< in each epoch
  double epoch_seconds;            ///< since this epoch began
  double seconds;                  ///< since train() was called
  std::int64_t epochs_before = 0;  ///< that were done when train() was called
};

/// The result of one epoch. Losses are in nats, and NaN or infinite where training diverged.
struct EpochResult {
  std::int64_t epoch;   ///< counts from 1
  std::int64_t epochs;  ///< of the whole run; 0 if this was read from metrics.jsonl
  double train_loss;    ///< mean over the epoch's images, see Engine::train_epoch
  double seconds;
  double images_per_second;
  std::optional<double> validation_loss = std::nullopt;  ///< after the epoch, see Engine::validate
  std::optional<double> validation_accuracy = std::nullopt;  ///< likewise, in [0,1]
  std::optional<double> lr = std::nullopt;  ///< of the epoch's last step; none if it is constant
};

/// Why training has ended.
enum class Stop {
  kEpochs,    ///< all epochs are done
  kPatience,  ///< the loss on the validation images has not fallen for too many epochs
  kMaxTime,   ///< an epoch ended after options.max_seconds
  kAsked,     ///< stop_asked() returned true
  kDiverged,  ///< the loss of an epoch, or the weights after it, were not finite
};

struct TrainingState;  // trainer.h

/// Is told what happens during training. What its functions throw ends the training.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  virtual void on_step(const Progress&) {}
  virtual void on_epoch(const EpochResult&) {}
  /// Called after on_epoch(), unless training has diverged, with what training can go on from.
  virtual void on_state(const TrainingState&) {}
};

}  // namespace mnist
