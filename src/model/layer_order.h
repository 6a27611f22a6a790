#pragma once

#include <string>
#include <vector>

#include "model/safetensors_header.h"

namespace mnist {

/// The parameters of an MLP from 784 inputs to 10 outputs: of each layer, in their order, the
/// weight [outputs,inputs] and the bias [outputs]. The tensors may have the names of any PyTorch
/// module: each layer has an X.weight and an X.bias, and the natural order of the names ("net.2"
/// before "net.10") is that of the layers. Throws Error(kModel), whose message begins with `file`,
/// if there are other tensors, or if a layer does not take the outputs of the one before.
std::vector<TensorInfo> order_parameters(std::vector<TensorInfo> tensors, const std::string& file);

}  // namespace mnist
