#pragma once

#include <torch/types.h>

#include <memory>
#include <vector>

#include "mnist_train/data.h"
#include "mnist_train/engine.h"
#include "mnist_train/model.h"
#include "sparse/images.h"
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

/// The sparse form of the images; null if there are none, or if a pixel is not k/255.
std::shared_ptr<const SparseImages> sparse_form(const Dataset& data);

/// Tests the model on images, of which `images` is the sparse form of `data.images`, or null if
/// there is none. The sparse engine computes the logits and the losses, so that they have the same
/// bits on all processors. Where it cannot, compute_logits() and evaluate() do: without a sparse
/// form, and with weights that are not finite, because the product of zero and infinity is NaN, and
/// where zeros are skipped that would not be seen. `network` is of the model's shape; its weights
/// become the model's.
Tested test_sparse(SparseNetwork& network, const Mlp& model, const SparseImages* images,
                   const Dataset& data);

/// The same for a model that is not being trained. For programs that test one.
Tested test_sparse(const Mlp& model, const Dataset& data, int threads);

}  // namespace mnist
