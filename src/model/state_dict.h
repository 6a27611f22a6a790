#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "mnist_train/model.h"
#include "model/safetensors.h"

namespace mnist {

// Tensors of the order and the shapes of a model's parameters, in a file under the names that
// PyTorch's state_dict has for the parameters ("fc1.weight"), each after a prefix.

/// Adds `tensors` to the file, as float32.
void add_tensors(TensorFile& file, const std::string& prefix, const MlpImpl& model,
                 const std::vector<torch::Tensor>& tensors);

/// Whether the file has tensors with this prefix, which may still not be all, or not fit.
bool has_tensors(const TensorFile& file, const std::string& prefix, const MlpImpl& model);

/// The tensors with this prefix. Throws Error(kModel) if one is missing or has another shape than
/// its parameter.
std::vector<torch::Tensor> take_tensors(const TensorFile& file, const std::string& prefix,
                                        const MlpImpl& model);

}  // namespace mnist
