#include "run/folder.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/fail.h"
#include "mnist_train/model_file.h"
#include "run/finished_run.h"

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

/// Keeps every other run out of the directory while the result is open. The lock is the kernel's,
/// so it ends with the process, however that ends.
Descriptor locked(const fs::path& dir, std::string& warning) {
  Descriptor directory(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.is_open() && ::flock(directory.get(), LOCK_EX | LOCK_NB) == 0) return directory;
  const int problem = errno;
  if (problem == EWOULDBLOCK) {
    fail(ErrorKind::kUsage, "{}: in use by another run; wait, or choose another with --out",
         dir.string());
  }
  warning = fmt::format("{}: cannot be locked ({}); start no other run in it", dir.string(),
                        std::strerror(problem));
  return directory;
}

}  // namespace

RunFolder::RunFolder(const OutputOptions& output)
    : dir_(created(directory_path(output.dir))),
      lock_(locked(dir_, warning_)),
      existing_(output.existing),
      save_every_(output.save_every) {
  const auto is_held = [this](const char* name) { return holds(name); };
  const bool holds_run =
      std::ranges::any_of(kResults, is_held) || std::ranges::any_of(kState, is_held);
  if (existing_ == Existing::kOverwrite || !holds_run) return;
  const bool is_resumable = can_resume();
  if (existing_ == Existing::kResume && is_resumable) return;
  fail(ErrorKind::kUsage, "{}: holds a run{}; choose another directory, or give {}", dir_.string(),
       is_resumable ? "" : " without a checkpoint",
       is_resumable ? "--resume or --overwrite" : "--overwrite");
}

TrainingState RunFolder::begin(Mlp model, const TrainingOptions& options,
                               const std::vector<Setting>& config, ResumeKey key) {
  model_ = std::move(model);
  key_ = std::move(key);
  if (existing_ == Existing::kOverwrite) {
    for (const char* name : kResults) remove(name);
    for (const char* name : kState) remove(name);
  }
  TrainingState state;
  if (holds(kCheckpointFile)) state = read_checkpoint(options);
  saved_epochs_ = state.epochs;
  keep_epochs(state.epochs);
  for (const char* name : kResults) remove(name);
  write_file(dir_ / kMetricsFile, metrics_);
  write_file(dir_ / kConfigFile, to_toml(config));
  return state;
}

TrainingState RunFolder::read_checkpoint(const TrainingOptions& options) const {
  const std::string name = (dir_ / kCheckpointFile).string();
  const TensorFile file = read_checkpoint_file(name);
  ResumeKey stored;
  for (const auto& [entry, value] : file.metadata) {
    if (key_.count(entry) != 0 || entry.rfind("--", 0) == 0) stored[entry] = value;
  }
  check_key(stored, key_, name);
  TrainingState state = state_from(file, *model_, name);
  if (state.best.has_value() != options.patience.has_value() ||
      state.velocities.empty() != (options.momentum == 0.0) ||
      (state.best && state.best->epoch > state.epochs)) {
    fail(ErrorKind::kModel,
         "{}: expected momentum and a best epoch as its options say, found others", name);
  }
  if (state.epochs > options.epochs) {
    fail(ErrorKind::kUsage, "--epochs: expected at least {}, which {} has, found {}", state.epochs,
         name, options.epochs);
  }
  return state;
}

// A run that was killed may have written metrics of epochs after its last checkpoint.
void RunFolder::keep_epochs(std::int64_t last) {
  history_ = read_history(dir_);
  std::erase_if(history_, [&](const EpochResult& epoch) { return epoch.epoch > last; });
  for (const EpochResult& epoch : history_) metrics_ += to_json(epoch) + "\n";
}

void RunFolder::on_epoch(const EpochResult& epoch) {
  metrics_ += to_json(epoch) + "\n";
  history_.push_back(epoch);
  write_file(dir_ / kMetricsFile, metrics_);
}

void RunFolder::on_state(const TrainingState& state) {
  if (state.epochs % save_every_ == 0) save_checkpoint(state);
}

void RunFolder::save_checkpoint(const TrainingState& state) {
  if (state.epochs == saved_epochs_) return;
  write_file(dir_ / kCheckpointFile, encode_safetensors(checkpoint_file(*model_, state, key_)));
  saved_epochs_ = state.epochs;
}

void RunFolder::finish(const TrainingState& state, RunRecord& run) {
  save_checkpoint(
      state);  // before the model: a directory with a model and no checkpoint is refused
  if (run.chosen && run.stopped_by != stop_name(Stop::kDiverged)) {
    write_model(*model_, dir_ / kModelFile);
  } else {
    remove(kModelFile);
  }
  if (!run.predictions.empty() && is_whole(run)) {
    write_file(dir_ / kPredictionsFile, to_csv(run.predictions));
  }
  write_file(dir_ / kResultFile, to_json(run) + "\n");
  run.dir = dir_;
  run.name = dir_.filename().string();
  run.history = history_;
}

void RunFolder::save_report(const std::string& html) const { write_file(dir_ / kReportFile, html); }

bool RunFolder::holds(const char* name) const {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(dir_ / name, ignored));  // a link to nothing is there, too
}

/// Whether there is a checkpoint to go on from, or nothing to lose: then the run was stopped before
/// its first checkpoint, by a kill, with metrics and no result, or by a signal, with no epoch.
bool RunFolder::can_resume() const {
  if (holds(kCheckpointFile)) return true;
  if (holds(kModelFile) || !holds(kMetricsFile)) return false;
  std::error_code ignored;
  return !holds(kResultFile) || fs::is_empty(dir_ / kMetricsFile, ignored);
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
