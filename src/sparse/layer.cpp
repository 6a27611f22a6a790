#include "sparse/layer.h"

#include <algorithm>

namespace mnist {

SparseLayer::SparseLayer(std::size_t inputs, Range columns, std::size_t max_batch,
                         bool has_velocity, bool is_first)
    : inputs_(inputs),
      columns_(columns),
      skips_idle_rows_(!has_velocity || is_first),
      weights_(inputs + 1, columns.end - columns.begin),
      velocity_(has_velocity ? inputs + 1 : 0, columns.end - columns.begin),
      by_image_(max_batch, inputs + 1),
      by_input_(inputs + 1, max_batch),
      input_deltas_(is_first ? 0 : max_batch, inputs),
      scratch_(is_first ? 0 : max_batch, kRowMultiple) {}

LayerView SparseLayer::view() const {
  return {weights_.rows(), velocity_.rows(), inputs_, skips_idle_rows_};
}

void SparseLayer::forget_inputs() { by_input_.clear(); }

void SparseLayer::take_image(const SparseImages& images, std::size_t index, std::size_t image) {
  const auto b = static_cast<std::uint32_t>(image);
  Entry* entry = by_image_.data(image);
  for (std::size_t e = images.begin[index]; e < images.begin[index + 1]; ++e) {
    const std::uint32_t pixel = images.pixels[e];
    const float value = pixel_value(images.values[e]);
    *entry++ = {pixel, value};
    by_input_.append(pixel, {b, value});
  }
  *entry = {kNoIndex, 0.0F};
  by_input_.append(inputs_, {b, 1.0F});
}

void SparseLayer::take_outputs(const float* outputs, std::size_t image) {
  const auto b = static_cast<std::uint32_t>(image);
  Entry* entry = by_image_.data(image);
  for (std::size_t i = 0; i < inputs_; ++i) {
    const float output = outputs[i];
    const bool on = !(output <= 0.0F);
    *entry = {static_cast<std::uint32_t>(i), output};
    entry += static_cast<std::ptrdiff_t>(on);
    by_input_.append(i, {b, output}, on);
  }
  *entry = {kNoIndex, 0.0F};
  by_input_.append(inputs_, {b, 1.0F});
}

void SparseLayer::forward(Range images, Rows outputs) const {
  mnist::forward(view(), by_image_.view(), images, outputs.from(columns_.begin));
}

void SparseLayer::update(Rows deltas, const SgdStep& sgd) const {
  mnist::update(view(), by_input_.view(), {0, inputs_ + 1}, deltas, sgd);
}

void SparseLayer::backward_and_update(Rows deltas, const SgdStep& sgd) {
  const EntryLists by_input = by_input_.view();
  const Rows input_deltas = input_deltas_.rows();
  const std::size_t count = by_input.end[inputs_] - by_input.begin[inputs_];
  std::fill_n(input_deltas.data, count * input_deltas.stride, 0.0F);
  mnist::backward_and_update(view(), by_input, deltas, input_deltas, scratch_.rows().data, sgd);
  mnist::update(view(), by_input, {inputs_, inputs_ + 1}, deltas, sgd);
}

}  // namespace mnist
