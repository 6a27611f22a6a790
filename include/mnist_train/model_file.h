#pragma once

#include <filesystem>
#include <string>

#include "mnist_train/model.h"

namespace mnist {

// A saved model is a safetensors file (https://github.com/huggingface/safetensors), which PyTorch,
// JAX and NumPy read, too. Its tensors are float32 and have the names of PyTorch's state_dict:
// fc1.weight [256,784], fc1.bias [256], fc2.weight [256,256] and so on up to 10 outputs.

/// The bytes of a model file: the same parameters give the same bytes.
std::string encode_model(const MlpImpl& model);

/// Writes the model. Readers see all of the old or all of the new contents. Throws Error(kOutput)
/// if the file cannot be written.
void write_model(const MlpImpl& model, const std::filesystem::path& file);

/// Reads the model of a file, or of the directory of a run (its model.safetensors). The sizes of
/// the layers are those of the tensors, so a state_dict that PyTorch has saved as safetensors will
/// do: in float32, float16, bfloat16 or float64, which become float32, and under the names of any
/// module of linear layers with biases, if the natural order of the names ("net.2" before
/// "net.10") is the order of the layers. Throws Error(kModel) if the file cannot be read, or holds
/// anything else.
Mlp read_model(const std::filesystem::path& path);

}  // namespace mnist
