#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mnist_train/metrics.h"
#include "mnist_train/progress.h"
#include "picture/gray_image.h"

namespace mnist {

/// An option of a run that has a value.
struct Setting {
  std::string name;   ///< without dashes
  std::string value;  ///< as TOML and JSON both write it
};

/// What to do with a directory that holds a run already.
enum class Existing { kRefuse, kResume, kOverwrite };

struct OutputOptions {
  std::string dir;  ///< empty: nothing is written
  Existing existing = Existing::kRefuse;
  bool skip_if_done = false;
  std::int64_t save_every = 1;  ///< epochs
  bool json = false;            ///< on standard output, in place of the text
};

// The files of a run (--out).
constexpr const char* kConfigFile = "config.toml";  ///< the options, for --config
constexpr const char* kMetricsFile = "metrics.jsonl";
constexpr const char* kCheckpointFile = "checkpoint.safetensors";
constexpr const char* kModelFile = "model.safetensors";
constexpr const char* kPredictionsFile = "predictions.csv";
constexpr const char* kResultFile = "result.json";  ///< only if the run has ended
constexpr const char* kReportFile = "report.html";

// What a run's status may be, in result.json as here.
constexpr const char* kStatusCompleted = "completed";
constexpr const char* kStatusInterrupted = "interrupted";
constexpr const char* kStatusDiverged = "diverged";
constexpr const char* kStatusBelowMinAccuracy = "below-min-accuracy";

/// The epoch whose weights were kept.
struct ChosenEpoch {
  std::int64_t epoch;
  std::string by;  ///< "validation" or "last epoch"
};

/// What the trained network predicts for one test image.
struct TestPrediction {
  std::int64_t label;
  std::int64_t predicted;
  double probability;  ///< of `predicted`, 0 to 1

  bool is_correct() const { return label == predicted; }
};

/// A misclassified test image, for the report.
struct MisclassifiedImage {
  std::int64_t position;  ///< in the test set, from 0
  TestPrediction prediction;
  GrayImage image;  ///< 28 x 28
};

/// A run and its result, as plain data: what result.json, metrics.jsonl and predictions.csv hold.
/// All counts that were read from a file are at most 10^12, so that sums of them do not overflow.
struct RunRecord {
  std::string name;  ///< of the directory
  std::filesystem::path dir;

  std::string status;           ///< one of the four above
  std::string stopped_by;       ///< see stop_name()
  std::vector<Setting> config;  ///< the options; plain_value() has their values without quotes
  std::optional<std::string> recipe;  ///< the name of the one that they come from, if any
  std::string data_dir;
  std::int64_t train_images = 0;
  std::int64_t validation_images = 0;
  std::int64_t test_images = 0;                 ///< 0 if the data has none
  std::optional<std::string> test_fingerprint;  ///< of the test images; none without `test`
  std::int64_t epochs = 0;                      ///< completed, with those before it was resumed
  std::optional<ChosenEpoch> chosen;            ///< none if no epoch is completed
  std::optional<std::string> model_sha256;      ///< of model.safetensors; none if there is none
  std::optional<double> train_loss;             ///< in nats, of the last completed epoch
  std::optional<Evaluation> validation;
  std::optional<Evaluation> test;  ///< none if it diverged, or without epochs or images
  double seconds = 0.0;
  double images_per_second = 0.0;
  std::string engine;
  std::string device;
  std::int64_t threads = 1;
  std::string version;
  std::string libtorch;

  std::string problem;  ///< why a new run is not completed, for a message; or empty

  std::vector<EpochResult> history;         ///< in the order of the epochs; some may be missing
  std::vector<TestPrediction> predictions;  ///< for the test images in order; empty if not kept
  std::vector<MisclassifiedImage> misclassified;  ///< for the report, see predictions.h
  std::string no_misclassified;  ///< if there are none, why, as a sentence; or empty
};

/// Why training stopped, as result.json says it: "epochs", "patience", "max-time", "signal" or
/// "divergence".
const char* stop_name(Stop stop);

/// The value of a setting for readers: a string without quotes and escapes.
std::string plain_value(const Setting& setting);

/// config.toml, a file for --config: a line `name = value` for each setting.
std::string to_toml(const std::vector<Setting>& config);

/// result.json without its line feed: one line of the schema mnist-train/1, in which numbers that
/// are not finite are null.
std::string to_json(const RunRecord& run);

/// A line of metrics.jsonl, likewise.
std::string to_json(const EpochResult& epoch);

/// The result of testing a saved model, likewise, of the schema mnist-train-eval/1.
std::string to_json(const Evaluation& evaluation, const std::string& model,
                    const std::string& data_dir);

/// The record in a result.json. Throws Error(kModel) if the file cannot be read, or holds anything
/// else than this program writes.
RunRecord read_result(const std::filesystem::path& file);

/// The epochs in the metrics.jsonl of a directory, likewise; none if there is no such file. A last
/// line that was cut short is left out.
std::vector<EpochResult> read_history(const std::filesystem::path& dir);

}  // namespace mnist
