#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mnist_train/data.h"
#include "mnist_train/model.h"
#include "run/record.h"
#include "train/engine.h"
#include "train/trainer.h"

namespace mnist {

/// What two runs must have in common for one to go on from the other's checkpoint, by name.
using ResumeKey = std::map<std::string, std::string>;

/// Whether the weights depend on an option, so that a run can only be resumed with the same value.
bool decides_weights(const Setting& option);

/// The settings that decide the weights, the engine that was chosen, its threads if it is autograd,
/// the fingerprint of the training set, and the number of epochs where the learning rate depends on
/// it.
ResumeKey resume_key(const std::vector<Setting>& config, const Engine& engine, const Dataset& train,
                     const TrainingOptions& options);

/// Writes a training state as a safetensors file. The parameters have the names that a model's file
/// has for them (see write_model()), the momentum has "velocity." and the best epoch "best." before
/// these names; before the first epoch there are no tensors. The epochs and the losses, with all
/// their bits, are in the metadata, beside the key. Throws Error(kOutput).
void write_checkpoint(const std::filesystem::path& file, const MlpImpl& model,
                      const TrainingState& state, ResumeKey key);

/// Reads the state in such a file, for a model with the shapes of `model`. Throws Error(kUsage) at
/// the first entry, in alphabetical order, in which its key differs from `key`, or if it has more
/// epochs than `options`; and Error(kModel) as read_safetensors() does, or if it is no checkpoint
/// of such a run.
TrainingState read_checkpoint(const std::filesystem::path& path, const MlpImpl& model,
                              const TrainingOptions& options, const ResumeKey& key);

}  // namespace mnist
