#include "run/run_recorder.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/settings.h"
#include "cli/cli.h"
#include "mnist_train/error.h"
#include "report/report.h"
#include "run/checkpoint.h"
#include "run/result.h"
#include "run/stored_run.h"

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

std::map<std::string, std::string> identity(const Options& options, const Engine& engine,
                                            const torch::Tensor& labels) {
  std::map<std::string, std::string> result;
  for (const Setting& setting : decisive_settings(options)) {
    result["--" + setting.name] = setting.value;
  }
  result["--engine"] = engine.name().substr(0, engine.name().find(' '));
  // After all options in the order of the alphabet: some of them change the labels, too.
  result["labels of --data"] = std::to_string(fingerprint(labels));
  return result;
}

RunRecorder::RunRecorder(const OutputOptions& output)
    : existing_(output.existing), save_every_(output.save_every) {
  if (!output.dir.empty()) directory_.emplace(output.dir, output.existing);
}

TrainingState RunRecorder::begin(const Options& options, Mlp model,
                                 std::map<std::string, std::string> identity) {
  if (!directory_) return {};
  model_ = std::move(model);
  identity_ = std::move(identity);
  if (existing_ == Existing::kOverwrite) directory_->remove_run();
  TrainingState state;
  std::error_code ignored;
  if (std::filesystem::exists(directory_->checkpoint(), ignored)) state = read_checkpoint(options);
  saved_epochs_ = state.epochs;
  directory_->remove_result();
  directory_->keep_metrics(state.epochs);
  directory_->save_config(to_toml(settings(options)));
  return state;
}

TrainingState RunRecorder::read_checkpoint(const Options& options) {
  const std::filesystem::path file = directory_->checkpoint();
  const TensorFile checkpoint = read_safetensors(file);
  std::map<std::string, std::string> stored;
  for (const auto& [key, value] : checkpoint.metadata) {
    if (identity_.count(key) != 0 || key.rfind("--", 0) == 0) stored[key] = value;
  }
  check_identity(stored, identity_, file.string());
  TrainingState state = state_from(checkpoint, *model_, file.string());
  const TrainingOptions& training = options.training;
  if (state.best.has_value() != training.patience.has_value() ||
      state.velocities.empty() != (training.momentum == 0.0) ||
      (state.best && state.best->epoch > state.epochs)) {
    throw Error(ExitCode::kModel, file.string() +
                                      ": expected momentum and a best epoch as its options say, "
                                      "found others; start anew with --overwrite");
  }
  if (state.epochs > training.epochs) {
    throw Error(ExitCode::kUsage, "--epochs: expected at least " + std::to_string(state.epochs) +
                                      ", which " + file.string() + " has, found " +
                                      std::to_string(training.epochs) + "; give more to go on");
  }
  return state;
}

void RunRecorder::on_epoch(const EpochResult& result) {
  if (directory_) directory_->add_metrics(to_json(result));
}

void RunRecorder::on_state(const TrainingState& state) {
  if (directory_ && state.epochs % save_every_ == 0) save_checkpoint(state);
}

void RunRecorder::finish(const TrainingState& state, const RunResult& result) {
  if (!directory_) return;
  if (result.test) {
    directory_->save_model(encode_safetensors(model_file(*model_)));
  } else {
    directory_->remove_model();
  }
  save_checkpoint(state);
  const std::string json = to_json(result);
  directory_->save_result(json);
  StoredRun stored = parse_run(directory_->path(), json, directory_->metrics());
  stored.mistakes = result.mistakes;
  directory_->save_report(report_page({stored}));
}

void RunRecorder::save_checkpoint(const TrainingState& state) {
  if (state.epochs == saved_epochs_) return;
  directory_->save_checkpoint(encode_safetensors(checkpoint_file(*model_, state, identity_)));
  saved_epochs_ = state.epochs;
}

}  // namespace mnist
