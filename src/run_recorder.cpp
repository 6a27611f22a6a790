#include "mnist_train/run_recorder.h"

#include <filesystem>
#include <utility>

#include "mnist_train/checkpoint.h"
#include "mnist_train/error.h"
#include "mnist_train/result.h"

namespace mnist {
namespace {

/// Throws Error(kUsage) at the first option that differs.
void check_identity(const std::map<std::string, std::string>& expected,
                    const std::map<std::string, std::string>& found, const std::string& name) {
  const auto value = [](const std::map<std::string, std::string>& options, const std::string& key) {
    const auto item = options.find(key);
    return item == options.end() ? "none" : item->second;
  };
  std::map<std::string, std::string> either = expected;
  either.insert(found.begin(), found.end());
  for (const auto& [key, unused] : either) {
    if (value(expected, key) == value(found, key)) continue;
    throw Error(ExitCode::kUsage,
                key + ": expected " + value(expected, key) + " as in " + name + ", found " +
                    value(found, key) +
                    "; resume with the same, or choose another folder with --out");
  }
}

}  // namespace

RunRecorder::RunRecorder(RunDirectory& directory, const MlpImpl& model,
                         std::map<std::string, std::string> identity, std::int64_t save_every)
    : directory_(directory),
      model_(model),
      identity_(std::move(identity)),
      save_every_(save_every) {}

TrainingState RunRecorder::resume(std::int64_t epochs) {
  TrainingState state;
  const std::filesystem::path file = directory_.checkpoint();
  if (std::filesystem::exists(file)) {
    const TensorFile checkpoint = read_safetensors(file);
    std::map<std::string, std::string> stored;
    for (const auto& [key, value] : checkpoint.metadata) {
      if (identity_.count(key) != 0 || key.rfind("--", 0) == 0) stored[key] = value;
    }
    check_identity(stored, identity_, file.string());
    state = state_from(checkpoint, model_, file.string());
    if (state.epochs > epochs) {
      throw Error(ExitCode::kUsage, "--epochs: expected at least " + std::to_string(state.epochs) +
                                        ", which " + file.string() + " has, found " +
                                        std::to_string(epochs) + "; give more to go on");
    }
    saved_epochs_ = state.epochs;
  }
  directory_.keep_metrics(state.epochs);
  return state;
}

void RunRecorder::on_epoch(const EpochResult& result) { directory_.add_metrics(to_json(result)); }

void RunRecorder::on_state(const TrainingState& state) {
  if (state.epochs % save_every_ == 0) save(state);
}

void RunRecorder::save(const TrainingState& state) {
  if (state.epochs == saved_epochs_) return;
  directory_.save_checkpoint(encode_safetensors(checkpoint_file(model_, state, identity_)));
  saved_epochs_ = state.epochs;
}

}  // namespace mnist
