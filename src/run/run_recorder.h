#pragma once

#include <map>
#include <optional>
#include <string>

#include "mnist_train/trainer.h"
#include "run/result.h"
#include "run/run_directory.h"

namespace mnist {

/// What runs must have in common for one to go on from the other: options by name with their
/// values, the engine that was chosen, and the labels of all training images.
std::map<std::string, std::string> identity(const Options& options, const Engine& engine,
                                            const torch::Tensor& labels);

/// Writes a run into its folder while it goes on. Without a folder it does nothing.
class RunRecorder : public TrainingObserver {
 public:
  /// Takes the folder; see RunDirectory.
  explicit RunRecorder(const OutputOptions& output);

  /// Removes the run that is in the folder, if it is to be overwritten. Returns the state to go on
  /// from: that of the checkpoint in the folder, if there is one. Throws Error(kModel) if it cannot
  /// be used, and Error(kUsage) if it is of another identity or of more epochs than the options
  /// say.
  TrainingState begin(const Options& options, Mlp model,
                      std::map<std::string, std::string> identity);

  void on_epoch(const EpochResult& result) override;
  void on_state(const TrainingState& state) override;

  /// Writes what is left: the model, unless there is none worth a test, the checkpoint, the result,
  /// and the report on it. While a run goes on its folder has neither, so that a result is always
  /// that of the rest.
  void finish(const TrainingState& state, const RunResult& result);

 private:
  TrainingState read_checkpoint(const Options& options);
  void save_checkpoint(const TrainingState& state);

  std::optional<RunDirectory> directory_;
  Existing existing_;
  std::int64_t save_every_;
  std::int64_t saved_epochs_ = 0;  ///< of the checkpoint in the folder
  Mlp model_{nullptr};
  std::map<std::string, std::string> identity_;
};

}  // namespace mnist
