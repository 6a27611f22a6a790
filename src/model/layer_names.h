#pragma once

#include <cstdint>
#include <vector>

#include "model/safetensors.h"

namespace mnist {

/// Finds the linear layers that lead from 784 inputs to 10 outputs, and gives their tensors the
/// names fc1.weight, fc1.bias, fc2.weight and so on. Returns the widths of the hidden layers.
///
/// The names may be those of any module of PyTorch: a layer is a weight [outputs,inputs] and a bias
/// [outputs] whose names differ after the last dot only. Layers whose names differ in numbers only
/// ("net.0", "net.2" of nn.Sequential; "module.fc1", "module.fc2") follow each other as the numbers
/// do; all others as their shapes do. Throws Error(kModel), with names that were found, if there
/// are other tensors, or if there is no such order or more than one.
std::vector<std::int64_t> name_layers(TensorFile& file);

}  // namespace mnist
