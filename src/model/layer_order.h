#pragma once

#include <string>
#include <vector>

#include "model/safetensors_header.h"

namespace mnist {

/// A linear layer: tensors [outputs,inputs] and [outputs].
struct LayerInfo {
  TensorInfo weight;
  TensorInfo bias;
};

/// The layers of an MLP from 784 inputs to 10 outputs, whose tensors may have the names of any
/// PyTorch module: each layer has an X.weight and an X.bias, and the natural order of the names
/// ("net.2" before "net.10") is that of the layers. Throws Error(kModel), whose message begins with
/// `file`, if there are other tensors, or if a layer does not take the outputs of the one before.
std::vector<LayerInfo> find_layers(std::vector<TensorInfo> tensors, const std::string& file);

}  // namespace mnist
