#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "mnist_train/model.h"
#include "mnist_train/training_state.h"
#include "model/safetensors.h"

namespace mnist {

/// A model as a file: its parameters under the names that PyTorch's state_dict has for them
/// (fc1.weight [256,784], fc1.bias [256], ...), its widths in the metadata.
TensorFile model_file(const MlpImpl& model);

/// The model that such a file holds, of the widths that its tensors have; the metadata is not
/// needed, so a state_dict saved by PyTorch will do. Throws Error(kModel) if there are other
/// tensors, or some do not fit each other; `name` is for the message.
Mlp model_from(const TensorFile& file, const std::string& name);

/// The model of a file, or of a run's folder. Throws Error(kModel) if it cannot be read, too.
Mlp read_model(const std::filesystem::path& path);

/// A training state as a file: the tensors of model_file(), with `velocity.` and `best.` before the
/// names of those, and the numbers in the metadata, exactly, beside `metadata`.
TensorFile checkpoint_file(const MlpImpl& model, const TrainingState& state,
                           std::map<std::string, std::string> metadata);

/// The state that such a file holds, for a model like `model`. Throws Error(kModel) if it holds
/// none.
TrainingState state_from(const TensorFile& file, const MlpImpl& model, const std::string& name);

}  // namespace mnist
