#include "run/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <system_error>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "mnist_train/model.h"
#include "run/predictions.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr std::array kFiles{kConfigFile,      kMetricsFile, kCheckpointFile, kModelFile,
                            kPredictionsFile, kResultFile,  kReportFile};

fs::path created(const fs::path& dir) {
  std::error_code error;
  fs::create_directories(dir, error);
  if (error)
    fail(ErrorKind::kOutput, "{}: could not be created: {}", dir.string(), error.message());
  return dir;
}

/// Keeps every other run out of a directory as long as it is held. The lock is the kernel's, so it
/// ends with the process, however that ends. Where the file system has no locks, there is none.
std::shared_ptr<void> lock(const fs::path& dir) {
  const int descriptor = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  std::shared_ptr<void> held(nullptr, [descriptor](void*) { ::close(descriptor); });
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return held;
  fail(ErrorKind::kUsage, "{}: in use by another run; wait, or choose another with --out",
       dir.string());
}

std::vector<TestPrediction> read_predictions(const fs::path& file, const ConfusionMatrix& counts) {
  std::vector<TestPrediction> predictions =
      parse_predictions(read_file(file, ErrorKind::kModel), file.string());
  if (std::ssize(predictions) != counts.total() ||
      std::ranges::count_if(predictions, &TestPrediction::is_correct) != counts.correct()) {
    fail(ErrorKind::kModel, "{}: does not match {}", file.string(), kResultFile);
  }
  return predictions;
}

/// By name. Numbers and strings that are written in another way are the same.
std::map<std::string, std::string> values_of(const std::vector<Setting>& settings) {
  std::map<std::string, std::string> values;
  for (const Setting& setting : settings) values[setting.name] = plain_value(setting);
  return values;
}

bool is_in(const fs::path& path, const fs::path& dir) {
  return std::mismatch(dir.begin(), dir.end(), path.begin(), path.end()).first == dir.end();
}

}  // namespace

RunDirectory::RunDirectory(const OutputOptions& output)
    : dir_(created(directory_path(output.dir))), lock_(lock(dir_)), save_every_(output.save_every) {
  const bool holds_run =
      std::ranges::any_of(kFiles, [&](const char* name) { return is_there(dir_ / name); });
  is_resumed_ = holds_run && output.existing == Existing::kResume;
  if (holds_run && output.existing == Existing::kRefuse) {
    fail(ErrorKind::kUsage,
         "{}: holds a run; choose another directory, or give --resume or --overwrite",
         dir_.string());
  }
}

TrainingState RunDirectory::begin(Mlp model, const TrainingOptions& options,
                                  const std::vector<Setting>& config, ResumeKey key) {
  model_ = std::move(model);
  key_ = std::move(key);
  const fs::path checkpoint = dir_ / kCheckpointFile;
  TrainingState state;
  if (is_resumed_) {
    state = read_checkpoint(checkpoint, *model_, options, key_);
    // A run that was killed may have written metrics of epochs after its last checkpoint.
    for (const EpochResult& epoch : read_history(dir_)) {
      if (epoch.epoch <= state.epochs) metrics_ += to_json(epoch) + "\n";
    }
  }
  saved_epochs_ = state.epochs;
  // The result is removed first, so that nobody takes a part of a run for the whole.
  for (const char* name : {kResultFile, kPredictionsFile, kReportFile}) remove(name);
  if (state.epochs == 0) {
    write_checkpoint(checkpoint, *model_, state, key_);
    remove(kModelFile);
  }
  write_file(dir_ / kMetricsFile, metrics_);
  write_file(dir_ / kConfigFile, to_toml(config));
  return state;
}

void RunDirectory::on_epoch(const EpochResult& epoch, const TrainingState& state) {
  metrics_ += to_json(epoch) + "\n";
  write_file(dir_ / kMetricsFile, metrics_);
  if (state.epochs % save_every_ == 0) save_checkpoint(state);
}

void RunDirectory::save_checkpoint(const TrainingState& state) {
  if (state.epochs == saved_epochs_) return;
  write_checkpoint(dir_ / kCheckpointFile, *model_, state, key_);
  saved_epochs_ = state.epochs;
}

void RunDirectory::finish(const TrainingState& state, RunRecord& run) {
  save_checkpoint(state);
  if (run.chosen && run.status != kStatusDiverged) {
    write_model(*model_, dir_ / kModelFile);
    if (!run.predictions.empty()) write_file(dir_ / kPredictionsFile, to_csv(run.predictions));
  } else {
    remove(kModelFile);
  }
  write_file(dir_ / kResultFile, to_json(run) + "\n");
  run.dir = dir_;
  run.name = dir_.filename().string();
  run.history = read_history(dir_);
}

void RunDirectory::remove(const char* name) const {
  std::error_code error;
  fs::remove(dir_ / name, error);
  if (error) {
    fail(ErrorKind::kOutput, "{}: could not be removed: {}", (dir_ / name).string(),
         error.message());
  }
}

RunRecord read_run(const fs::path& dir) {
  const fs::path result = dir / kResultFile;
  if (!is_there(result) && is_there(dir / kCheckpointFile)) {
    fail(ErrorKind::kModel, "{}: this run has not ended; continue with --resume", full_name(dir));
  }
  RunRecord run = read_result(result);
  run.dir = directory_path(dir);
  run.name = run.dir.filename().string();
  run.history = read_history(dir);
  const fs::path predictions = dir / kPredictionsFile;
  if (run.test && is_there(predictions)) {
    run.predictions = read_predictions(predictions, run.test->confusion);
  }
  return run;
}

std::optional<RunRecord> completed_run(const fs::path& dir, const std::vector<Setting>& config) {
  try {
    RunRecord run = read_result(dir / kResultFile);
    auto stored = values_of(run.config);
    auto wanted = values_of(config);
    const bool is_same_data = is_in(run.data_dir, wanted["data"]);
    stored["data"] = wanted["data"];
    if (run.status == kStatusCompleted && is_same_data && stored == wanted) return run;
  } catch (const Error&) {  // there is no result, or none of ours
  }
  return std::nullopt;
}

}  // namespace mnist
