#include "sparse/inputs.h"

#include <cstdint>

#include "kernels/kernels.h"

namespace mnist {
namespace {

bool is_active(float output) { return !(output <= 0.0F); }

}  // namespace

LayerInputs::LayerInputs(std::size_t inputs, std::size_t max_batch)
    : inputs_(inputs), by_image_(max_batch, inputs + 1), by_input_(inputs + 1, max_batch) {}

void LayerInputs::list_pixels(const Examples& batch) {
  by_input_.clear();
  for (std::size_t b = 0; b < batch.size(); ++b) {
    Entry* entry = by_image_.data(b);
    const auto [begin, end] = batch.pixels(b);
    for (std::size_t e = begin; e < end; ++e) {
      const std::uint32_t pixel = batch.images.pixels[e];
      const float value = pixel_value(batch.images.values[e]);
      *entry++ = {pixel, value};
      by_input_.append(pixel, {static_cast<std::uint32_t>(b), value});
    }
    *entry = {kNoIndex, 0.0F};
  }
  list_biases(batch.size());
}

void LayerInputs::list_activations(Rows outputs, std::size_t batch) {
  // Each entry is written, and the next one replaces it if it is not active: a branch would often
  // be mispredicted.
  for (std::size_t b = 0; b < batch; ++b) {
    Entry* entry = by_image_.data(b);
    for (std::size_t i = 0; i < inputs_; ++i) {
      const float output = outputs[b][i];
      *entry = {static_cast<std::uint32_t>(i), output};
      entry += static_cast<std::ptrdiff_t>(is_active(output));
    }
    *entry = {kNoIndex, 0.0F};
  }
  for (std::size_t i = 0; i < inputs_; ++i) {
    Entry* entry = by_input_.data(i);
    for (std::size_t b = 0; b < batch; ++b) {
      const float output = outputs[b][i];
      *entry = {static_cast<std::uint32_t>(b), output};
      entry += static_cast<std::ptrdiff_t>(is_active(output));
    }
    by_input_.end_at(i, entry);
  }
  list_biases(batch);
}

void LayerInputs::list_biases(std::size_t batch) {
  Entry* const entries = by_input_.data(inputs_);
  for (std::size_t b = 0; b < batch; ++b) entries[b] = {static_cast<std::uint32_t>(b), 1.0F};
  by_input_.end_at(inputs_, entries + batch);
}

}  // namespace mnist
