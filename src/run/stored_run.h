#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/settings.h"
#include "mnist_train/metrics.h"
#include "train/prediction.h"

namespace mnist {

/// A line of metrics.jsonl.
struct StoredEpoch {
  std::int64_t epoch;                         ///< counts from 1
  double train_loss;                          ///< nats; NaN if it was not finite
  std::optional<double> validation_loss;      ///< likewise
  std::optional<double> validation_accuracy;  ///< in [0,1]
  double seconds;
  double images_per_second;
};

/// The weights that were kept.
struct ChosenEpoch {
  std::int64_t epoch;
  std::string by;  ///< "validation" or "last epoch"
};

/// A run as its folder tells of it: what result.json and metrics.jsonl hold (see result.h), as
/// plain data. All counts are at most 10^12, so that sums of them do not overflow.
struct StoredRun {
  std::string name;  ///< of the folder
  std::filesystem::path dir;
  std::string status;           ///< such as "completed"
  std::string stopped_by;       ///< such as "epochs"
  std::vector<Setting> config;  ///< here strings have no quotes
  std::string data_dir;
  std::int64_t train_images;
  std::int64_t validation_images;
  std::int64_t test_images;
  std::int64_t epochs;  ///< done
  std::optional<ChosenEpoch> chosen;
  std::optional<double> train_loss;  ///< nats; of the last epoch done, if there is one
  std::optional<Evaluation> validation;
  std::optional<Evaluation> test;  ///< none if training diverged
  double seconds;
  double images_per_second;
  std::string engine;
  std::string device;
  std::int64_t threads;
  std::string version;
  std::string libtorch;
  std::vector<StoredEpoch> history;  ///< in the order of the epochs; may lack some of them

  std::vector<Mistake> mistakes;  ///< for the caller to fill in: test images, most confident first
  std::string no_mistakes;        ///< if there are none, why, as a sentence; or empty
};

/// Reads a run's folder. metrics.jsonl may be missing, and its last line cut short, since the
/// result does not depend on it. Throws Error(kModel) if result.json cannot be read, or if either
/// holds anything else than this program writes.
StoredRun read_run(const std::filesystem::path& dir);

/// The same from what those two files hold.
StoredRun parse_run(const std::filesystem::path& dir, const std::string& result,
                    const std::string& metrics);

}  // namespace mnist
