#include "run/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "mnist_train/model.h"
#include "run/predictions.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

// The result comes first, so that it is removed first: nobody takes a part of a run for the whole.
constexpr std::array kResults{kResultFile, kPredictionsFile, kReportFile};
constexpr std::array kState{kModelFile, kCheckpointFile, kMetricsFile, kConfigFile};

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

}  // namespace

RunFolder::RunFolder(const OutputOptions& output)
    : dir_(created(directory_path(output.dir))), lock_(lock(dir_)), save_every_(output.save_every) {
  const auto is_held = [this](const char* name) { return is_there(dir_ / name); };
  const bool holds_run =
      std::ranges::any_of(kResults, is_held) || std::ranges::any_of(kState, is_held);
  is_resumed_ = holds_run && output.existing == Existing::kResume;
  if (holds_run && output.existing == Existing::kRefuse) {
    fail(ErrorKind::kUsage,
         "{}: holds a run; choose another directory, or give --resume or "
         "--overwrite",
         dir_.string());
  }
}

TrainingState RunFolder::begin(Mlp model, const TrainingOptions& options,
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
  for (const char* name : kResults) remove(name);
  if (state.epochs == 0) {
    write_checkpoint(checkpoint, *model_, state, key_);
    remove(kModelFile);
  }
  write_file(dir_ / kMetricsFile, metrics_);
  write_file(dir_ / kConfigFile, to_toml(config));
  return state;
}

void RunFolder::on_epoch(const EpochResult& epoch, const TrainingState& state) {
  metrics_ += to_json(epoch) + "\n";
  write_file(dir_ / kMetricsFile, metrics_);
  if (state.epochs % save_every_ == 0) save_checkpoint(state);
}

void RunFolder::save_checkpoint(const TrainingState& state) {
  if (state.epochs == saved_epochs_) return;
  write_checkpoint(dir_ / kCheckpointFile, *model_, state, key_);
  saved_epochs_ = state.epochs;
}

void RunFolder::finish(const TrainingState& state, RunRecord& run) {
  save_checkpoint(state);
  if (run.chosen && run.stopped_by != stop_name(Stop::kDiverged)) {
    write_model(*model_, dir_ / kModelFile);
  } else {
    remove(kModelFile);
  }
  if (run.status != kStatusDiverged && !run.predictions.empty()) {
    const std::string csv = to_csv(run.predictions);
    write_file(dir_ / kPredictionsFile, csv);
  }
  const std::string json = to_json(run) + "\n";
  write_file(dir_ / kResultFile, json);
  run.dir = dir_;
  run.name = dir_.filename().string();
  run.history = read_history(dir_);
}

void RunFolder::remove(const char* name) const {
  std::error_code error;
  fs::remove(dir_ / name, error);
  if (error) {
    fail(ErrorKind::kOutput, "{}: could not be removed: {}", (dir_ / name).string(),
         error.message());
  }
}

}  // namespace mnist
