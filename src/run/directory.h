#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mnist_train/options.h"
#include "run/checkpoint.h"
#include "run/record.h"
#include "train/trainer.h"

namespace mnist {

/// The directory of one run (--out), and what writes the run into it while it goes on. No other
/// process can have the directory at the same time. Every file in it is whole at any moment (see
/// write_file()), there is a result.json only if it belongs to the other files, and from the first
/// write on there is a checkpoint to resume the run from, which has no epoch at first.
class RunDirectory {
 public:
  /// Creates the directory if need be, and locks it. Changes nothing else. Throws Error(kUsage) if
  /// another process has it, or if it holds files of a run and is neither to be resumed nor to be
  /// overwritten; Error(kOutput) if it cannot be created.
  explicit RunDirectory(const OutputOptions& output);

  /// Removes the earlier run, if it is to be overwritten, or else its results, and writes
  /// config.toml. Returns the state to go on from: that of the checkpoint, or a new one. Throws
  /// Error(kModel) if checkpoint or metrics.jsonl cannot be used, Error(kUsage) if the checkpoint
  /// has another key, or more epochs than `options`, and Error(kOutput).
  TrainingState begin(Mlp model, const TrainingOptions& options, const std::vector<Setting>& config,
                      ResumeKey key);

  /// Adds a line to metrics.jsonl, and writes the checkpoint after every `save_every` epochs.
  void on_epoch(const EpochResult& epoch, const TrainingState& state);

  /// Writes the checkpoint, the model, the predictions and the result. If training diverged or no
  /// epoch is completed, there is no model worth keeping, and that of an earlier run is removed.
  /// Fills in the name, the directory and the history of `run`.
  void finish(const TrainingState& state, RunRecord& run);

 private:
  void save_checkpoint(const TrainingState& state);
  void remove(const char* name) const;

  std::filesystem::path dir_;
  std::shared_ptr<void> lock_;  // while it is held, no other process can have the directory
  bool is_resumed_ = false;
  std::int64_t save_every_;
  Mlp model_{nullptr};
  ResumeKey key_;
  std::string metrics_;            // what metrics.jsonl holds
  std::int64_t saved_epochs_ = 0;  // of the checkpoint in the directory
};

/// Reads the run in a directory, whose metrics.jsonl and predictions.csv may be missing. Throws
/// Error(kModel) as read_result() and read_history() do, or if the predictions are not those that
/// the result counts.
RunRecord read_run(const std::filesystem::path& dir);

/// What result.json says, if the directory holds a completed run with these settings. Its data may
/// be in a directory below that of the settings; if they name none, it may be any.
std::optional<RunRecord> completed_run(const std::filesystem::path& dir,
                                       const std::vector<Setting>& config);

}  // namespace mnist
