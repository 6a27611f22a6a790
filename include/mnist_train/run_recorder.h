#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "mnist_train/run_directory.h"
#include "mnist_train/trainer.h"

namespace mnist {

/// Writes a run into its folder while it goes on.
class RunRecorder : public TrainingObserver {
 public:
  /// `identity` is what a run must have in common with the one it resumes: options by name, and
  /// their values. A checkpoint is written after every `save_every` epochs.
  RunRecorder(RunDirectory& directory, const MlpImpl& model,
              std::map<std::string, std::string> identity, std::int64_t save_every);

  /// The state to go on from: that of the checkpoint in the folder, if there is one. Throws
  /// Error(kModel) if it cannot be used, and Error(kUsage) if it is of another identity or of more
  /// than `epochs` epochs.
  TrainingState resume(std::int64_t epochs);

  void on_epoch(const EpochResult& result) override;
  void on_state(const TrainingState& state) override;

  /// Writes the checkpoint of a run that has ended, unless it is there.
  void save(const TrainingState& state);

 private:
  RunDirectory& directory_;
  const MlpImpl& model_;
  std::map<std::string, std::string> identity_;
  std::int64_t save_every_;
  std::int64_t saved_epochs_ = -1;  ///< of the checkpoint in the folder
};

}  // namespace mnist
