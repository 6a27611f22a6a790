#pragma once

#include <torch/types.h>

#include <vector>

#include "mnist_train/model.h"
#include "sparse/network.h"

namespace mnist {

/// A part of the network's memory as a tensor, and the same part of a tensor of the model.
struct SamePart {
  torch::Tensor ours;
  torch::Tensor theirs;
};

/// All parts of the network's parameters or velocities, with those of `tensors`, which are in the
/// order of the model's parameters and of their shapes.
std::vector<SamePart> same_parts(const std::vector<ParameterView>& views,
                                 const std::vector<torch::Tensor>& tensors);

void load_weights(SparseNetwork& network, const Mlp& model);
void store_weights(SparseNetwork& network, const Mlp& model);

}  // namespace mnist
