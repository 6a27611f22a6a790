#include "mnist_train/sparse_network.h"

#include <algorithm>
#include <cmath>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

constexpr std::size_t kClasses = kDigits;

/// Replaces the logits of an image by the derivatives of its cross-entropy, times `scale`. Returns
/// the cross-entropy.
double softmax_cross_entropy(float* logits, std::int64_t label, float scale) {
  const float most = *std::max_element(logits, logits + kClasses);
  std::array<float, kClasses> powers{};
  float sum = 0.0F;
  for (std::size_t c = 0; c < kClasses; ++c) {
    powers[c] = std::exp(logits[c] - most);
    sum += powers[c];
  }
  const double loss = std::log(sum) - (logits[label] - most);
  for (std::size_t c = 0; c < kClasses; ++c) logits[c] = powers[c] / sum * scale;
  logits[label] -= scale;
  return loss;
}

}  // namespace

SparseNetwork::SparseNetwork(const TrainingOptions& options, std::size_t max_batch)
    : sgd_{static_cast<float>(options.lr), static_cast<float>(options.momentum),
           static_cast<float>(options.weight_decay)},
      has_velocity_(options.momentum != 0.0 || options.weight_decay != 0.0),
      output_(make_output(options, max_batch, has_velocity_)),
      up_to_date_(kPixels, 0),
      idle_{{1, 0, 0, 1}} {
  auto inputs = static_cast<std::size_t>(kPixels);
  for (const std::int64_t hidden_width : options.hidden) {
    const auto width = static_cast<std::size_t>(hidden_width);
    hidden_.push_back({inputs, RowStorage(inputs + 1, width),
                       RowStorage(has_velocity_ ? inputs + 1 : 0, width),
                       RowStorage(max_batch, width), RowStorage(max_batch, width),
                       EntryListStorage(max_batch, inputs + 2 * kRowMultiple),
                       EntryListStorage(inputs + 1, max_batch)});
    inputs = width;
  }
  for (std::size_t k = 0; k < values_.size(); ++k) values_[k] = static_cast<float>(k) / 255.0F;
}

SparseNetwork::OutputLayer SparseNetwork::make_output(const TrainingOptions& options,
                                                      std::size_t max_batch, bool has_velocity) {
  const bool no_hidden = options.hidden.empty();
  const auto inputs = static_cast<std::size_t>(no_hidden ? kPixels : options.hidden.back());
  return {RowStorage(kClasses + 1, inputs),
          RowStorage(has_velocity ? kClasses : 0, inputs),
          RowStorage(no_hidden ? max_batch : 0, inputs),
          RowStorage(max_batch, kClasses),
          EntryListStorage(max_batch, kClasses),
          EntryListStorage(kClasses, max_batch),
          {},
          {}};
}

LayerView SparseNetwork::hidden(std::size_t index) const {
  const HiddenLayer& layer = hidden_[index];
  return {layer.weights.rows(), has_velocity_ ? layer.velocity.rows() : Rows{nullptr, 0},
          layer.inputs, !has_velocity_ || index == 0};
}

LayerView SparseNetwork::output() const {
  return {output_.weights.rows(), has_velocity_ ? output_.velocity.rows() : Rows{nullptr, 0},
          kClasses, false};
}

Rows SparseNetwork::output_inputs() const {
  return hidden_.empty() ? output_.inputs.rows() : hidden_.back().outputs.rows();
}

double SparseNetwork::step(const SparseImages& images, const std::int64_t* labels,
                           const std::int64_t* indices, std::size_t count) {
  for (HiddenLayer& layer : hidden_) layer.by_input.clear();
  for (std::size_t begin = 0; begin < count; begin += kForwardImages) {
    const Range chunk{begin, std::min(begin + kForwardImages, count)};
    for (std::size_t b = chunk.begin; b < chunk.end; ++b) {
      gather(images, static_cast<std::size_t>(indices[b]), b);
    }
    forward_hidden(chunk);
  }
  const double loss = train_output(labels, indices, count);
  for (std::size_t l = hidden_.size(); l-- > 0;) backward_and_update(l);
  ++steps_;
  return loss;
}

void SparseNetwork::gather(const SparseImages& images, std::size_t index, std::size_t image) {
  const std::size_t begin = images.begin[index];
  const std::size_t end = images.begin[index + 1];
  if (hidden_.empty()) {
    const Rows inputs = output_.inputs.rows();
    std::fill_n(inputs[image], inputs.stride, 0.0F);
    for (std::size_t e = begin; e < end; ++e) {
      inputs[image][images.pixels[e]] = values_[images.values[e]];
    }
    return;
  }
  EntryListStorage& by_image = hidden_.front().by_image;
  Entry* entry = by_image.data(image);
  for (std::size_t e = begin; e < end; ++e) {
    *entry++ = {images.pixels[e], values_[images.values[e]]};
    if (has_velocity_) catch_up_row(images.pixels[e]);
  }
  by_image.set_size(image, end - begin);
}

void SparseNetwork::forward_hidden(Range images) {
  for (std::size_t l = 0; l < hidden_.size(); ++l) {
    HiddenLayer& layer = hidden_[l];
    const EntryLists by_image = layer.by_image.view();
    const Rows outputs = layer.outputs.rows();
    forward(hidden(l), by_image, images, outputs);
    for (std::size_t b = images.begin; b < images.end; ++b) {
      const auto image = static_cast<std::uint32_t>(b);
      for (std::size_t e = by_image.begin[b]; e < by_image.end[b]; ++e) {
        const Entry& entry = by_image.entries[e];
        layer.by_input.append(entry.index, {image, entry.value});
      }
      layer.by_input.append(layer.inputs, {image, 1.0F});
      if (l + 1 == hidden_.size()) {
        rectify(outputs[b], outputs.stride);
      } else {
        EntryListStorage& next = hidden_[l + 1].by_image;
        next.set_size(b, compress_active(outputs[b], outputs.stride, next.data(b)));
      }
    }
  }
}

double SparseNetwork::train_output(const std::int64_t* labels, const std::int64_t* indices,
                                   std::size_t count) {
  const Rows inputs = output_inputs();
  const Rows logits = output_.logits.rows();
  EntryListStorage& by_digit = output_.by_digit;
  by_digit.clear();
  for (std::size_t c = 0; c < kClasses; ++c) {
    for (std::size_t b = 0; b < count; ++b) by_digit.append(c, {static_cast<std::uint32_t>(b), 0});
  }
  backward(output(), by_digit.view(), {0, kClasses}, inputs, logits);

  double loss = 0.0;
  const float scale = 1.0F / static_cast<float>(count);
  for (std::size_t b = 0; b < count; ++b) {
    for (std::size_t c = 0; c < kClasses; ++c) logits[b][c] += output_.biases[c];
    loss += softmax_cross_entropy(logits[b], labels[indices[b]], scale);
    for (std::size_t c = 0; c < kClasses; ++c) {
      by_digit.data(c)[b].value = logits[b][c];
      output_.by_image.data(b)[c] = {static_cast<std::uint32_t>(c), logits[b][c]};
    }
    output_.by_image.set_size(b, kClasses);
  }
  if (!hidden_.empty()) {
    const Rows deltas = hidden_.back().deltas.rows();
    for (std::size_t begin = 0; begin < count; begin += kForwardImages) {
      const Range chunk{begin, std::min(begin + kForwardImages, count)};
      forward(output(), output_.by_image.view(), chunk, deltas);
    }
    for (std::size_t b = 0; b < count; ++b) mask(inputs[b], inputs.stride, deltas[b]);
  }
  update(output(), by_digit.view(), {0, kClasses}, inputs, sgd_);
  update_output_biases(count);
  return loss;
}

void SparseNetwork::update_output_biases(std::size_t count) {
  const Rows deltas = output_.logits.rows();
  for (std::size_t c = 0; c < kClasses; ++c) {
    float& bias = output_.biases[c];
    float& velocity = output_.bias_velocity[c];
    float gradient = sgd_.weight_decay * bias;
    for (std::size_t b = 0; b < count; ++b) gradient += deltas[b][c];
    velocity = sgd_.momentum * velocity + gradient;
    bias -= sgd_.lr * velocity;
  }
}

void SparseNetwork::backward_and_update(std::size_t index) {
  const LayerView view = hidden(index);
  const EntryLists by_input = hidden_[index].by_input.view();
  const Rows deltas = hidden_[index].deltas.rows();
  if (index == 0) {
    update(view, by_input, {0, view.inputs + 1}, deltas, sgd_);
    if (!has_velocity_) return;
    for (std::size_t i = 0; i < view.inputs; ++i) {
      if (by_input.begin[i] != by_input.end[i]) up_to_date_[i] = steps_ + 1;
    }
    return;
  }
  const Rows input_deltas = hidden_[index - 1].deltas.rows();
  for (std::size_t b = 0; b < by_input.end[view.inputs] - by_input.begin[view.inputs]; ++b) {
    std::fill_n(input_deltas[b], input_deltas.stride, 0.0F);
  }
  // A few rows at a time, so that they are still in the cache when they are updated.
  constexpr std::size_t kRows = 8;
  for (std::size_t i = 0; i < view.inputs; i += kRows) {
    const Range rows{i, std::min(i + kRows, view.inputs)};
    backward(view, by_input, rows, deltas, input_deltas);
    update(view, by_input, rows, deltas, sgd_);
  }
  update(view, by_input, {view.inputs, view.inputs + 1}, deltas, sgd_);
}

void SparseNetwork::catch_up_row(std::size_t pixel) {
  const std::size_t missed = steps_ - up_to_date_[pixel];
  if (missed == 0) return;
  up_to_date_[pixel] = steps_;
  const double lr = sgd_.lr;
  const double momentum = sgd_.momentum;
  const double weight_decay = sgd_.weight_decay;
  while (idle_.size() <= missed) {
    const IdleMatrix& last = idle_.back();
    const double vw = momentum * last.vw + weight_decay * last.ww;
    const double vv = momentum * last.vv + weight_decay * last.wv;
    idle_.push_back({last.ww - lr * vw, last.wv - lr * vv, vw, vv});
  }
  const IdleMatrix& m = idle_[missed];
  catch_up(hidden(0), pixel,
           {static_cast<float>(m.ww - 1), static_cast<float>(m.wv), static_cast<float>(m.vw),
            static_cast<float>(m.vv)});
}

void SparseNetwork::finish() {
  if (!has_velocity_ || hidden_.empty()) return;
  for (std::size_t i = 0; i < hidden_.front().inputs; ++i) catch_up_row(i);
}

}  // namespace mnist
