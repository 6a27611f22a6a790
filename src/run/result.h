#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mnist_train/metrics.h"
#include "mnist_train/options.h"
#include "mnist_train/trainer.h"
#include "train/prediction.h"

namespace mnist {

enum class Status { kCompleted, kInterrupted, kDiverged, kBelowMinAccuracy };

/// What a run has come to.
struct RunResult {
  Status status;
  Options options;
  std::string data_dir;
  std::int64_t train_images;
  std::int64_t validation_images;
  std::int64_t test_images;
  TrainingOutcome outcome;
  std::int64_t epochs;  ///< done, with those before it was resumed
  std::optional<std::int64_t>
      best_epoch;     ///< the one whose weights were kept for their validation loss
  double train_loss;  ///< of the last epoch done, if there is one
  std::optional<Evaluation> validation;
  std::optional<Evaluation> test;  ///< none if training diverged
  std::vector<Mistake> mistakes;   ///< for the report: some of the test's, most confident first
  std::string engine;
};

/// One line of JSON, of the schema mnist-train/1. Numbers that are not finite are null.
std::string to_json(const RunResult& result);

/// The same for a saved model that was tested on the data of a folder, of the schema
/// mnist-train-eval/1.
std::string to_json(const Evaluation& evaluation, const std::string& model,
                    const std::string& data_dir);

/// A line of metrics.jsonl.
std::string to_json(const EpochResult& result);

/// If `json` is the result of a completed run with these options on this data, what its test gave.
std::optional<Evaluation> test_of_completed_run(const std::string& json, const Options& options,
                                                const std::string& data_dir);

}  // namespace mnist
