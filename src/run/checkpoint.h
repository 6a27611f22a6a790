#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/settings.h"
#include "train/engine.h"
#include "mnist_train/model.h"
#include "train/trainer.h"
#include "model/safetensors.h"

namespace mnist {

/// What two runs must have in common for one to go on from the other's checkpoint, by name.
using ResumeKey = std::map<std::string, std::string>;

/// The settings that decide the weights, the engine that was chosen, its threads if it is autograd,
/// the labels of the training images ([N] int64), their fingerprint together, and the number of
/// epochs where the learning rate falls by it.
ResumeKey resume_key(const std::vector<Setting>& decisive, const Engine& engine,
                     const torch::Tensor& labels, std::uint64_t images,
                     const TrainingOptions& options);

/// Throws Error(kUsage) at the first entry, in alphabetical order, in which `found` differs from
/// the key `expected` of a checkpoint, whose file is `name`. Version 1.0.0 has kept no images, only
/// their labels, so the images may differ from none; and always the threads, which only matter if
/// `found` has them.
void check_key(const ResumeKey& expected, const ResumeKey& found, const std::string& name);

/// A training state as a file. The parameters have the names that a model's file has for them (see
/// model_file.h), the momentum has "velocity." and the best epoch "best." before these names. The
/// numbers stand in the metadata with all their bits, beside the key.
TensorFile checkpoint_file(const MlpImpl& model, const TrainingState& state, ResumeKey key);

/// Reads such a file. Throws Error(kModel) as read_safetensors() does.
TensorFile read_checkpoint_file(const std::filesystem::path& path);

/// The state that such a file holds, for a model with the shapes of `model`. Throws Error(kModel)
/// if it holds none, or tensors that do not fit.
TrainingState state_from(const TensorFile& file, const MlpImpl& model);

}  // namespace mnist
