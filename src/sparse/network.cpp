#include "sparse/network.h"

#include <algorithm>
#include <exception>
#include <numeric>
#include <utility>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

/// The columns of a layer that a slice gets: whole vectors, perhaps none.
Range columns_of(std::size_t width, std::size_t slice, std::size_t slices) {
  const std::size_t vectors = RowStorage::padded(width) / kRowMultiple;
  const std::size_t share = (vectors + slices - 1) / slices * kRowMultiple;
  return {std::min(slice * share, width), std::min((slice + 1) * share, width)};
}

/// As many slices as there may be threads, but no more than the widest layer has columns for.
std::size_t slices_for(const TrainingOptions& options) {
  std::size_t vectors = 1;
  for (const std::int64_t width : options.hidden) {
    vectors = std::max(vectors, RowStorage::padded(static_cast<std::size_t>(width)) / kRowMultiple);
  }
  const auto threads = static_cast<std::size_t>(options.threads);
  const std::size_t share = (vectors + threads - 1) / threads;
  return (vectors + share - 1) / share;
}

/// Brings the weights up to date that the batch will use.
void catch_up(IdleRows& idle_rows, const LayerWeights& first, const Examples& batch) {
  for (const std::int64_t index : batch.indices) {
    const auto image = static_cast<std::size_t>(index);
    for (std::size_t e = batch.images.begin[image]; e < batch.images.begin[image + 1]; ++e) {
      idle_rows.catch_up(first, batch.images.pixels[e]);
    }
  }
}

}  // namespace

SparseNetwork::SparseNetwork(const TrainingOptions& options, std::size_t max_batch)
    : sgd_{0.0F, static_cast<float>(options.momentum), static_cast<float>(options.weight_decay)},
      label_smoothing_(static_cast<float>(options.label_smoothing)),
      has_velocity_(options.momentum != 0.0 || options.weight_decay != 0.0),
      max_batch_(max_batch),
      widths_{static_cast<std::size_t>(kPixels)},
      output_biases_{{1, kDigits}, {1, kDigits}} {
  widths_.insert(widths_.end(), options.hidden.begin(), options.hidden.end());
  for (std::size_t l = 1; l < widths_.size(); ++l) outputs_.emplace_back(max_batch, widths_[l]);
  if (outputs_.empty()) outputs_.emplace_back(max_batch, widths_.front());
  const std::size_t slices = slices_for(options);
  for (std::size_t s = 0; s < slices; ++s) {
    slices_.push_back(make_slice(s, slices));
    logits_.push_back(slices_.back().output.logits());
  }
}

SparseNetwork::Slice SparseNetwork::make_slice(std::size_t index, std::size_t slices) {
  std::vector<LayerStorage> layers;
  const auto add_layer = [&](std::size_t inputs, std::size_t columns, bool skips_idle_rows) {
    layers.push_back({{inputs + 1, columns}, {has_velocity_ ? inputs + 1 : 0, columns}});
    return LayerWeights{layers.back().weights.rows(), layers.back().velocity.rows(), inputs,
                        RowStorage::padded(columns), skips_idle_rows};
  };
  std::vector<HiddenSlice> hidden;
  for (std::size_t l = 0; l + 1 < widths_.size(); ++l) {
    const bool is_first = l == 0;
    const Range columns = columns_of(widths_[l + 1], index, slices);
    hidden.emplace_back(add_layer(widths_[l], columns.size(), !has_velocity_ || is_first), columns,
                        max_batch_, is_first);
  }
  const std::size_t inputs = columns_of(widths_.back(), index, slices).size();
  OutputWeights output{add_layer(kDigits, inputs, false), nullptr, nullptr};
  if (index == 0) {
    output.biases = output_biases_.weights.rows().data;
    output.bias_velocity = output_biases_.velocity.rows().data;
  }
  return {std::move(layers), std::move(hidden), OutputSlice(output, max_batch_),
          RowStorage(max_batch_, inputs), IdleRows(widths_.front())};
}

std::vector<ParameterView> SparseNetwork::parameters() { return views(&LayerStorage::weights); }

std::vector<ParameterView> SparseNetwork::velocities() { return views(&LayerStorage::velocity); }

std::vector<ParameterView> SparseNetwork::views(RowStorage LayerStorage::*kind) {
  std::vector<ParameterView> result;
  const std::size_t output = 2 * (widths_.size() - 1);
  for (std::size_t s = 0; s < slices_.size(); ++s) {
    const Slice& slice = slices_[s];
    for (std::size_t l = 0; l < slice.hidden.size(); ++l) {
      const Rows rows = (slice.layers[l].*kind).rows();
      const Range columns = slice.hidden[l].columns();
      result.push_back({2 * l, 0, columns, rows.data, 1, rows.stride});
      result.push_back({2 * l + 1, 0, columns, rows[widths_[l]], 1, 0});
    }
    const Rows rows = (slice.layers.back().*kind).rows();
    const Range inputs = columns_of(widths_.back(), s, slices_.size());
    result.push_back({output, 1, inputs, rows.data, rows.stride, 1});
  }
  result.push_back({output + 1, 0, {0, kDigits}, (output_biases_.*kind).rows().data, 1, 0});
  return result;
}

std::optional<double> SparseNetwork::train(const Examples& examples, double lr,
                                           const OnStep& on_step) {
  sgd_.lr = static_cast<float>(lr);
  if (has_velocity_) {
    const std::size_t steps = (examples.size() + max_batch_ - 1) / max_batch_;
    for (Slice& slice : slices_) slice.idle_rows.prepare(sgd_, steps);
  }
  double loss = 0.0;
  bool goes_on = true;  // slice 0 writes it, all read it after the barrier that ends each step
  std::exception_ptr error;
  const auto ask = [&](std::size_t images_done) {
    try {
      return on_step(images_done);
    } catch (...) {
      error = std::current_exception();
      return false;
    }
  };
  run_together(slices_.size(), [&](std::size_t s, Barrier& barrier) noexcept {
    for (std::size_t begin = 0; goes_on && begin < examples.size(); begin += max_batch_) {
      const Examples batch = examples.batch(begin, max_batch_);
      const double batch_loss = step(s, batch, barrier);
      if (s == 0) {
        loss += batch_loss;
        goes_on = ask(begin + batch.size());
      }
      barrier.wait();  // what the slices have exchanged may be overwritten from here on
    }
    Slice& slice = slices_[s];
    if (has_velocity_ && !slice.hidden.empty()) {
      slice.idle_rows.catch_up_all(slice.hidden.front().weights());
    }
  });
  if (error) std::rethrow_exception(error);
  return goes_on ? std::optional(loss) : std::nullopt;
}

void SparseNetwork::compute_logits(const SparseImages& images, float* logits) {
  std::vector<std::int64_t> indices(images.size());
  std::iota(indices.begin(), indices.end(), 0);
  const Examples all{images, {}, indices};
  const std::size_t batch_size = std::min(max_batch_, kForwardImages);
  run_together(slices_.size(), [&](std::size_t s, Barrier& barrier) noexcept {
    for (std::size_t begin = 0; begin < all.size(); begin += batch_size) {
      const Examples batch = all.batch(begin, batch_size);
      forward(slices_[s], batch, barrier);
      for (std::size_t b = 0; s == 0 && b < batch.size(); ++b) {
        add_up_logits(logits_, b, logits + (begin + b) * kDigits);
      }
      barrier.wait();  // the slices' logits may be overwritten from here on
    }
  });
}

double SparseNetwork::step(std::size_t index, const Examples& batch, Barrier& barrier) {
  Slice& slice = slices_[index];
  const bool has_hidden = !slice.hidden.empty();
  if (has_velocity_ && has_hidden) {
    catch_up(slice.idle_rows, slice.hidden.front().weights(), batch);
  }
  const Rows outputs = forward(slice, batch, barrier);
  const double loss = slice.output.loss(batch, logits_, label_smoothing_);
  Rows deltas = slice.deltas.rows();
  if (has_hidden) slice.output.backward(batch.size(), outputs, deltas);
  slice.output.update(batch.size(), outputs, sgd_);
  for (std::size_t l = slice.hidden.size() - 1; has_hidden && l > 0; --l) {
    slice.hidden[l].backward_and_update(deltas, sgd_);
    barrier.wait();
    deltas = collect_deltas(index, l, batch.size());
  }
  if (has_hidden) slice.hidden.front().update(deltas, sgd_);
  slice.idle_rows.end_step();
  return loss;
}

/// Computes all slices' parts of the images' logits. Returns the slice's columns of the output
/// layer's inputs.
Rows SparseNetwork::forward(Slice& slice, const Examples& batch, Barrier& barrier) {
  for (HiddenSlice& layer : slice.hidden) layer.clear_inputs();
  for (std::size_t begin = 0; begin < batch.size(); begin += kForwardImages) {
    const Range chunk{begin, std::min(begin + kForwardImages, batch.size())};
    for (std::size_t b = chunk.begin; b < chunk.end; ++b) {
      const auto image = static_cast<std::size_t>(batch.indices[b]);
      if (slice.hidden.empty()) {
        expand(batch.images, image, outputs_.front().rows()[b]);
      } else {
        slice.hidden.front().add_image(batch.images, image, b);
      }
    }
    for (std::size_t l = 0; l < slice.hidden.size(); ++l) {
      if (l > 0) {
        barrier.wait();
        for (std::size_t b = chunk.begin; b < chunk.end; ++b) {
          slice.hidden[l].add_activations(outputs_[l - 1].rows()[b], b);
        }
      }
      slice.hidden[l].forward(chunk, outputs_[l].rows());
    }
  }
  const std::size_t first = slice.hidden.empty() ? 0 : slice.hidden.back().columns().begin;
  const Rows outputs = outputs_.back().rows().from(first);
  slice.output.forward(batch.size(), outputs);
  barrier.wait();
  return outputs;
}

/// The deltas of the slice's columns of the hidden layer before `layer`, to which all slices of
/// `layer` add.
Rows SparseNetwork::collect_deltas(std::size_t index, std::size_t layer, std::size_t batch) {
  const Range columns = slices_[index].hidden[layer - 1].columns();
  const Rows sums = slices_[index].hidden[layer].input_deltas();
  for (std::size_t s = 0; s < slices_.size(); ++s) {
    if (s == index) continue;
    const Rows others = slices_[s].hidden[layer].input_deltas();
    for (std::size_t b = 0; b < batch; ++b) {
      for (std::size_t c = columns.begin; c < columns.end; ++c) sums[b][c] += others[b][c];
    }
  }
  return sums.from(columns.begin);
}

}  // namespace mnist
