#pragma once

#include <cstdint>
#include <optional>

namespace mnist {

/// How far training is after a step.
struct Progress {
  std::int64_t epoch;  ///< counts from 1
  std::int64_t epochs;
  std::int64_t images_done;        ///< in this epoch
  std::int64_t images;             ///< in each epoch
  double epoch_seconds;            ///< since this epoch began
  double seconds;                  ///< since training began
  std::int64_t epochs_before = 0;  ///< completed before that
};

/// The result of one epoch. Losses are in nats, and NaN or infinite where training diverged.
struct EpochResult {
  std::int64_t epoch;   ///< counts from 1
  std::int64_t epochs;  ///< of the whole run; 0 if this was read from metrics.jsonl
  double train_loss;    ///< mean over the epoch's images, each taken before its step
  double seconds;
  double images_per_second;
  std::optional<double> validation_loss = std::nullopt;      ///< after the epoch
  std::optional<double> validation_accuracy = std::nullopt;  ///< likewise, in [0,1]
  std::optional<double> lr = std::nullopt;  ///< of the epoch's last step; none if it is constant
};

/// Why training has ended.
enum class Stop {
  kEpochs,    ///< all epochs are completed
  kPatience,  ///< no new best validation loss in TrainingOptions::patience epochs
  kMaxTime,   ///< an epoch ended after TrainingOptions::max_seconds
  kAsked,     ///< a callback has returned false
  kDiverged,  ///< the loss of an epoch, or the weights after it, were not finite
};

}  // namespace mnist
