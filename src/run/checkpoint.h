#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/settings.h"
#include "mnist_train/model.h"
#include "model/safetensors.h"
#include "train/engine.h"
#include "train/trainer.h"

namespace mnist {

/// What two runs must have in common for one to go on from the other's checkpoint, by name.
using ResumeKey = std::map<std::string, std::string>;

/// The settings that decide the weights, the engine that was chosen, its threads if it is autograd,
/// the fingerprints of the training labels ([N] int64) and of the training set, and the number of
/// epochs where the learning rate depends on it.
ResumeKey resume_key(const std::vector<Setting>& decisive, const Engine& engine,
                     const torch::Tensor& labels, std::uint64_t images,
                     const TrainingOptions& options);

/// Throws Error(kUsage) at the first entry, in alphabetical order, in which `found` differs from
/// the key `expected` of a checkpoint, whose file is `name`.
void check_key(const ResumeKey& expected, const ResumeKey& found, const std::string& name);

/// A training state as a file. The parameters have the names that a model's file has for them (see
/// model_file.h), the momentum has "velocity." and the best epoch "best." before these names. The
/// epochs and the losses, with all their bits, are in the metadata, beside the key.
TensorFile checkpoint_file(const MlpImpl& model, const TrainingState& state, ResumeKey key);

/// Reads such a file. Throws Error(kModel) as read_safetensors() does, or if it is no checkpoint.
TensorFile read_checkpoint_file(const std::filesystem::path& path);

/// The state in such a file, for a model with the shapes of `model`. Throws Error(kModel), whose
/// message begins with `name`, if it holds none, or tensors that do not fit.
TrainingState state_from(const TensorFile& file, const MlpImpl& model, const std::string& name);

}  // namespace mnist
