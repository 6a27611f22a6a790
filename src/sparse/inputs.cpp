#include "sparse/inputs.h"

#include <cstdint>

#include "kernels/kernels.h"

namespace mnist {

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

void LayerInputs::list_active(Rows values, std::size_t batch) {
  list(values, batch, [](float value) { return !(value <= 0.0F); });
}

void LayerInputs::list_all(Rows values, std::size_t batch) {
  list(values, batch, [](float) { return true; });
}

template <typename Keep>
void LayerInputs::list(Rows values, std::size_t batch, const Keep& keep) {
  // Each entry is written, and overwritten by the next one if it is not kept: a branch would often
  // be mispredicted.
  for (std::size_t b = 0; b < batch; ++b) {
    Entry* entry = by_image_.data(b);
    for (std::size_t i = 0; i < inputs_; ++i) {
      const float value = values[b][i];
      *entry = {static_cast<std::uint32_t>(i), value};
      entry += static_cast<std::ptrdiff_t>(keep(value));
    }
    *entry = {kNoIndex, 0.0F};
  }
  for (std::size_t i = 0; i < inputs_; ++i) {
    Entry* entry = by_input_.data(i);
    for (std::size_t b = 0; b < batch; ++b) {
      const float value = values[b][i];
      *entry = {static_cast<std::uint32_t>(b), value};
      entry += static_cast<std::ptrdiff_t>(keep(value));
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
