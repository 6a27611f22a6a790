#include "run/folder.h"

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/folder_lock.h"
#include "mnist_train/error.h"
#include "mnist_train/model_file.h"
#include "run/checkpoint.h"
#include "run/json_object.h"
#include "run/predictions.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfigFile = "config.toml";
constexpr const char* kMetricsFile = "metrics.jsonl";
constexpr const char* kModelFile = "model.safetensors";
constexpr const char* kCheckpointFile = "checkpoint.safetensors";
// The result comes first, so that it is removed first: nobody takes a part of a run for the whole.
constexpr std::array<const char*, 5> kFiles{kResultFile, kModelFile, kCheckpointFile, kMetricsFile,
                                            kConfigFile};
/// Files whose names others may use, too, and what is in ours.
constexpr std::array<std::pair<const char*, const char*>, 2> kMarked{
    {{kReportFile, kReportMark}, {kPredictionsFile, kPredictionsHeader}}};

bool is_present(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(file, ignored));  // a link to nothing is, too
}

void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (!error) return;
  fail(ExitCode::kOutput, "{}: could not be removed: {}; choose another folder with --out",
       file.string(), error.message());
}

std::string read_text(const fs::path& file) {
  FileContents contents = read_file(file);
  if (!contents.problem.empty()) {
    refuse_run_file(full_name(file), "a file of a finished run", contents.problem);
  }
  return std::move(contents.bytes);
}

/// Whether the run in the folder goes on from a checkpoint, or has none because it was stopped
/// before its first one: by a kill, with metrics and no result, or asked to, with no epoch done.
bool can_go_on(const fs::path& dir) {
  if (is_present(dir / kCheckpointFile)) return true;
  if (is_present(dir / kModelFile) || !is_present(dir / kMetricsFile)) return false;
  return !is_present(dir / kResultFile) || read_file(dir / kMetricsFile).bytes.empty();
}

}  // namespace

RunFolder::RunFolder(const OutputOptions& output)
    : dir_(folder_path(output.dir)), existing_(output.existing), save_every_(output.save_every) {
  std::error_code error;
  fs::create_directories(dir_, error);
  if (error) {
    fail(ExitCode::kOutput, "{}: the folder could not be made: {}; choose another one with --out",
         dir_.string(), error.message());
  }
  lock_ = lock_folder(dir_, caveats_);
  for (const auto& [name, mark] : kMarked) {
    if (may_replace(dir_ / name, mark)) continue;
    fail(ExitCode::kUsage,
         "{}: expected none, or one of an earlier run, found another file; move it, or choose "
         "another folder with --out",
         (dir_ / name).string());
  }
  const auto holds = [this](const char* name) { return is_present(dir_ / name); };
  const bool holds_run =
      holds(kPredictionsFile) || std::any_of(kFiles.begin(), kFiles.end(), holds);
  if (existing_ == Existing::kOverwrite || !holds_run) return;
  if (!can_go_on(dir_)) {
    fail(ExitCode::kUsage,
         "{}: expected a folder without a run, found files of one, but no {} to go on from; choose "
         "another, or give --overwrite",
         dir_.string(), kCheckpointFile);
  }
  if (existing_ == Existing::kRefuse) {
    fail(ExitCode::kUsage,
         "{}: expected a folder without a run, found one that holds a run; choose another, or give "
         "--resume or --overwrite",
         dir_.string());
  }
}

TrainingState RunFolder::begin(Mlp model, const TrainingOptions& options,
                               const std::vector<Setting>& config, ResumeKey key,
                               const std::vector<Setting>& defaults) {
  model_ = std::move(model);
  key_ = std::move(key);
  if (existing_ == Existing::kOverwrite) {
    for (const char* name : kFiles) remove_file(dir_ / name);
  }
  TrainingState state;
  if (is_present(dir_ / kCheckpointFile)) state = read_checkpoint(options, defaults);
  saved_epochs_ = state.epochs;
  keep_epochs(state.epochs);
  remove_marked();
  remove_file(dir_ / kResultFile);
  write_atomically(dir_ / kMetricsFile, metrics_);
  const std::string unflushed = write_atomically(dir_ / kConfigFile, to_toml(config));
  if (!unflushed.empty()) {
    caveats_.push_back(fmt::format(
        "{}: cannot be flushed to the disk there ({}), so if the machine fails, the newest files "
        "may be lost",
        dir_.string(), unflushed));
  }
  return state;
}

TrainingState RunFolder::read_checkpoint(const TrainingOptions& options,
                                         const std::vector<Setting>& defaults) const {
  const std::string name = (dir_ / kCheckpointFile).string();
  const TensorFile file = read_checkpoint_file(name);
  ResumeKey stored;
  for (const auto& [entry, value] : file.metadata) {
    if (key_.count(entry) != 0 || entry.rfind("--", 0) == 0) stored[entry] = value;
  }
  for (const Setting& setting : defaults) {
    if (setting.decides_weights) stored.emplace("--" + setting.name, setting.value);
  }
  check_key(stored, key_, name);
  TrainingState state = state_from(file, *model_, name);
  if (state.best.has_value() != options.patience.has_value() ||
      state.velocities.empty() != (options.momentum == 0.0) ||
      (state.best && state.best->epoch > state.epochs)) {
    fail(ExitCode::kModel, "{}: expected momentum and a best epoch as its options say, found others",
         name);
  }
  if (state.epochs > options.epochs) {
    fail(ExitCode::kUsage,
         "--epochs: expected at least {}, which {} has, found {}; give more to go on", state.epochs,
         name, options.epochs);
  }
  return state;
}

// A run that was killed may have written metrics of epochs after its last checkpoint.
void RunFolder::keep_epochs(std::int64_t count) {
  const fs::path file = dir_ / kMetricsFile;
  std::istringstream lines(read_file(file).bytes);
  metrics_.clear();
  std::string line;
  for (std::int64_t kept = 0; kept < count && std::getline(lines, line); ++kept) {
    metrics_ += line + "\n";
  }
  try {
    history_ = parse_history(metrics_, file.string());
  } catch (const Error&) {
    fail(ExitCode::kModel,
         "{}: expected a line of JSON for each epoch, found another; remove the file to go on "
         "without these curves",
         file.string());
  }
  if (const auto found = static_cast<std::int64_t>(history_.size()); found < count) {
    caveats_.push_back(
        fmt::format("{}: expected a line for each of {} epochs, found {}, so the curves have a gap",
                    file.string(), count, found));
  }
}

void RunFolder::on_epoch(const EpochResult& epoch) {
  metrics_ += to_json(epoch) + "\n";
  history_.push_back(epoch);
  write_atomically(dir_ / kMetricsFile, metrics_);
}

void RunFolder::on_state(const TrainingState& state) {
  if (state.epochs % save_every_ == 0) save_checkpoint(state);
}

void RunFolder::save_checkpoint(const TrainingState& state) {
  if (state.epochs == saved_epochs_) return;
  write_atomically(dir_ / kCheckpointFile,
                   encode_safetensors(checkpoint_file(*model_, state, key_)));
  saved_epochs_ = state.epochs;
}

void RunFolder::finish(const TrainingState& state, RunRecord& run) {
  save_checkpoint(state);  // before the model: a folder with a model and no checkpoint is refused
  if (run.chosen && run.stopped_by != stop_name(Stop::kDiverged)) {
    write_model(*model_, dir_ / kModelFile);
  } else {
    remove_file(dir_ / kModelFile);
  }
  if (!run.answers.empty() && is_whole(run)) {
    replace_own(dir_ / kPredictionsFile, to_csv(run.answers), kPredictionsHeader, "predictions");
  }
  write_atomically(dir_ / kResultFile, to_json(run) + "\n");
  run.dir = dir_;
  run.name = dir_.filename().string();
  run.history = history_;
}

void RunFolder::save_report(const std::string& html) const {
  replace_own(dir_ / kReportFile, html, kReportMark, "a report");
}

// They may be someone else's; a report, moreover, about other runs.
void RunFolder::remove_marked() const {
  for (const auto& [name, mark] : kMarked) {
    if (may_replace(dir_ / name, mark)) remove_file(dir_ / name);
  }
}

RunRecord read_run(const fs::path& dir) {
  const fs::path result = dir / kResultFile;
  const fs::path metrics = dir / kMetricsFile;
  if (!is_present(result) && is_present(dir / kCheckpointFile)) {
    fail(ExitCode::kModel,
         "{}: expected a run that has ended, found only its checkpoint; go on with --resume",
         dir.string());
  }
  RunRecord run = parse_result(read_text(result), result.string());
  if (is_present(metrics)) run.history = parse_history(read_text(metrics), metrics.string());
  run.dir = folder_path(dir);
  run.name = run.dir.filename().string();
  read_answers(run);
  return run;
}

std::optional<std::string> completed_result(const fs::path& dir, const std::vector<Setting>& config,
                                            const std::string& data_dir,
                                            const std::vector<Setting>& defaults) {
  const std::string text = read_file(dir / kResultFile).bytes;
  const auto values = [&](const std::vector<Setting>& settings) {
    std::map<std::string, std::string> result;
    for (const Setting& setting : settings) result[setting.name] = plain_value(setting);
    for (const Setting& setting : defaults) result.emplace(setting.name, plain_value(setting));
    result.erase("data");  // `data_dir` is what it has led to
    return result;
  };
  try {
    const RunRecord run = parse_result(text, "");
    if (run.status != kStatusCompleted || run.data_dir != data_dir ||
        values(run.config) != values(config)) {
      return std::nullopt;
    }
    return text.substr(0, text.find('\n'));
  } catch (const Error&) {
    return std::nullopt;  // it is no result of ours, so the run is not completed
  }
}

}  // namespace mnist
