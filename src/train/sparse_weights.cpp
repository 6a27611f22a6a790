#include "train/sparse_weights.h"

#include <torch/utils.h>

#include <array>
#include <cstdint>

namespace mnist {

std::vector<SamePart> same_parts(const std::vector<ParameterView>& views,
                                 const std::vector<torch::Tensor>& tensors) {
  std::vector<SamePart> result;
  for (const ParameterView& view : views) {
    const torch::Tensor theirs =
        tensors.at(view.parameter)
            .slice(view.dimension, static_cast<std::int64_t>(view.range.begin),
                   static_cast<std::int64_t>(view.range.end));
    const std::array<std::int64_t, 2> strides{static_cast<std::int64_t>(view.output_stride),
                                              static_cast<std::int64_t>(view.input_stride)};
    const torch::IntArrayRef used(strides.data(), static_cast<std::size_t>(theirs.dim()));
    result.push_back({torch::from_blob(view.data, theirs.sizes(), used), theirs});
  }
  return result;
}

void load_weights(SparseNetwork& network, const Mlp& model) {
  const torch::NoGradGuard no_grad;
  for (SamePart& part : same_parts(network.parameters(), model->parameters())) {
    part.ours.copy_(part.theirs);
  }
}

void store_weights(SparseNetwork& network, const Mlp& model) {
  const torch::NoGradGuard no_grad;
  for (SamePart& part : same_parts(network.parameters(), model->parameters())) {
    part.theirs.copy_(part.ours);
  }
}

}  // namespace mnist
