#pragma once

#include <cstdint>

#include "mnist_train/engine.h"
#include "mnist_train/options.h"

namespace mnist {

/// Where a run is, after a step.
struct Progress {
  std::int64_t epoch;  ///< counts from 1
  std::int64_t epochs;
  std::int64_t images_done;  ///< of this epoch
  std::int64_t images;       ///< of an epoch
  double epoch_seconds;      ///< since this epoch began
  double seconds;            ///< since training began
};

struct EpochResult {
  std::int64_t epoch;  ///< counts from 1
  std::int64_t epochs;
  double loss;  ///< over the epoch's images, see Engine::train_epoch
  double seconds;
  double images_per_second;
};

/// Is told what happens during training.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  virtual void on_step(const Progress&) {}
  virtual void on_epoch(const EpochResult&) {}
};

/// Trains all epochs on a data set of `images` images. Throws Error(kDiverged) after the first
/// epoch whose loss is not finite.
void train(Engine& engine, std::int64_t images, const TrainingOptions& options,
           TrainingObserver& observer);

}  // namespace mnist
