#pragma once

#include <cstdint>

#include "mnist_train/progress.h"

namespace mnist {

/// How far a run is after a step.
struct Progress {
  std::int64_t epoch;  ///< counts from 1
  std::int64_t epochs;
  std::int64_t images_done;        ///< in this epoch
  std::int64_t images;             ///< in each epoch
  double epoch_seconds;            ///< since this epoch began
  double seconds;                  ///< since training began
  std::int64_t epochs_before = 0;  ///< that were done before that
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
