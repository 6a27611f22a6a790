#include "sparse/layer.h"

#include <algorithm>

namespace mnist {

HiddenSlice::HiddenSlice(const LayerWeights& weights, Range columns, std::size_t max_batch,
                         bool is_first)
    : weights_(weights),
      columns_(columns),
      by_image_(max_batch, weights.inputs + 1),
      by_input_(weights.inputs + 1, max_batch),
      input_deltas_(is_first ? 0 : max_batch, weights.inputs),
      scratch_(is_first ? 0 : max_batch, kRowMultiple) {}

void HiddenSlice::clear_inputs() { by_input_.clear(); }

void HiddenSlice::add_image(const SparseImages& images, std::size_t index, std::size_t b) {
  const auto image = static_cast<std::uint32_t>(b);
  Entry* entry = by_image_.data(b);
  for (std::size_t e = images.begin[index]; e < images.begin[index + 1]; ++e) {
    const std::uint32_t pixel = images.pixels[e];
    const float value = pixel_value(images.values[e]);
    *entry++ = {pixel, value};
    by_input_.append(pixel, {image, value});
  }
  *entry = {kNoIndex, 0.0F};
  by_input_.append(weights_.inputs, {image, 1.0F});
}

void HiddenSlice::add_activations(const float* outputs, std::size_t b) {
  const auto image = static_cast<std::uint32_t>(b);
  Entry* entry = by_image_.data(b);
  for (std::size_t i = 0; i < weights_.inputs; ++i) {
    const float output = outputs[i];
    const bool is_active = !(output <= 0.0F);
    *entry = {static_cast<std::uint32_t>(i), output};
    entry += static_cast<std::ptrdiff_t>(is_active);
    by_input_.append(i, {image, output}, is_active);
  }
  *entry = {kNoIndex, 0.0F};
  by_input_.append(weights_.inputs, {image, 1.0F});
}

void HiddenSlice::forward(Range images, Rows outputs) const {
  mnist::forward(weights_, by_image_.view(), images, outputs.from(columns_.begin));
}

void HiddenSlice::update(Rows deltas, const SgdStep& sgd) {
  mnist::update(weights_, by_input_.view(), {0, weights_.inputs + 1}, deltas, sgd);
}

void HiddenSlice::backward_and_update(Rows deltas, const SgdStep& sgd) {
  const EntryLists by_input = by_input_.view();
  const std::size_t biases = weights_.inputs;
  const std::size_t batch = by_input.end[biases] - by_input.begin[biases];
  const Rows input_deltas = input_deltas_.rows();
  std::fill_n(input_deltas.data, batch * input_deltas.stride, 0.0F);
  mnist::backward_and_update(weights_, by_input, deltas, input_deltas, scratch_.rows().data, sgd);
  mnist::update(weights_, by_input, {biases, biases + 1}, deltas, sgd);
}

}  // namespace mnist
