#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/settings.h"
#include "mnist_train/options.h"
#include "train/trainer.h"
#include "run/checkpoint.h"
#include "run/record.h"

namespace mnist {

// Files of a run that others look for.
constexpr const char* kResultFile = "result.json";
constexpr const char* kReportFile = "report.html";
/// What the head of every report of ours has, and hardly another file.
constexpr const char* kReportMark = R"(name="generator" content="mnist-train")";

/// The folder of one run (--out), and what writes the run into it while it goes on. No other
/// process can have the folder at the same time. Every file in it is whole at any moment (see
/// write_atomically()), and there is a result.json only if it belongs to the other files.
class RunFolder : public TrainingObserver {
 public:
  /// Makes the folder if need be, and locks it. Changes nothing else. Throws Error(kUsage) if
  /// another process has it, if it holds a run and `output.existing` is kRefuse, or if it holds a
  /// report.html or predictions.csv that is not ours; Error(kOutput) if it cannot be made.
  explicit RunFolder(const OutputOptions& output);

  /// Removes the earlier run, if it is to be overwritten, and writes config.toml. Returns the state
  /// to go on from: that of the checkpoint, or a new one. `defaults` are those of all options, for
  /// options that the checkpoint of an earlier version does not know. Throws Error(kModel) if
  /// checkpoint or metrics.jsonl cannot be used, Error(kUsage) if the checkpoint has another key,
  /// or more epochs than `options`, and Error(kOutput).
  TrainingState begin(Mlp model, const TrainingOptions& options, const std::vector<Setting>& config,
                      ResumeKey key, const std::vector<Setting>& defaults = {});

  /// Adds a line to metrics.jsonl.
  void on_epoch(const EpochResult& epoch) override;

  /// Writes the checkpoint after every `save_every` epochs.
  void on_state(const TrainingState& state) override;

  /// Writes the model, the checkpoint, the answers and the result. If training diverged or no epoch
  /// is done, there is no model worth keeping, and that of an earlier run is removed. The answers
  /// are kept only of a run that is_whole(). Fills in the name, the folder and the history of
  /// `run`.
  void finish(const TrainingState& state, RunRecord& run);

  /// Writes report.html.
  void save_report(const std::string& html) const;

  /// What the user should know of the folder, as sentences: that the file system cannot lock it
  /// (known from the start) or flush files to the disk, or that lines of an earlier run's
  /// metrics.jsonl are missing (known after begin()).
  const std::vector<std::string>& caveats() const { return caveats_; }

 private:
  TrainingState read_checkpoint(const TrainingOptions& options,
                                const std::vector<Setting>& defaults) const;
  void keep_epochs(std::int64_t count);
  void save_checkpoint(const TrainingState& state);
  void remove_marked() const;

  std::filesystem::path dir_;
  std::vector<std::string> caveats_;
  Descriptor lock_;
  Existing existing_;
  std::int64_t save_every_;
  Mlp model_{nullptr};
  ResumeKey key_;
  std::string metrics_;               // what metrics.jsonl holds
  std::vector<EpochResult> history_;  // the same, read
  std::int64_t saved_epochs_ = 0;     // of the checkpoint in the folder
};

/// Reads the run of a folder. metrics.jsonl may be missing, since the result does not depend on it;
/// for predictions.csv see read_answers().
/// Throws Error(kModel) as parse_result() and parse_history() do, or if a file cannot be read.
RunRecord read_run(const std::filesystem::path& dir);

/// The line of result.json, if the folder holds a completed run of these options on these data.
/// `defaults` are as in RunFolder::begin().
std::optional<std::string> completed_result(const std::filesystem::path& dir,
                                            const std::vector<Setting>& config,
                                            const std::string& data_dir,
                                            const std::vector<Setting>& defaults = {});

}  // namespace mnist
