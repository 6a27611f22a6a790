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
      up_to_date_(kPixels, 0),
      idle_{{1, 0, 0, 1}} {
  std::vector<std::size_t> widths{static_cast<std::size_t>(kPixels)};
  for (const std::int64_t width : options.hidden) widths.push_back(static_cast<std::size_t>(width));
  widths.push_back(kClasses);
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    const std::size_t rows = widths[l] + 1;
    layers_.push_back({widths[l], RowStorage(rows, widths[l + 1]),
                       RowStorage(has_velocity_ ? rows : 0, widths[l + 1]),
                       RowStorage(max_batch, widths[l + 1]),
                       EntryListStorage(max_batch, widths[l] + 2 * kRowMultiple),
                       EntryListStorage(rows, max_batch)});
  }
  for (std::size_t k = 0; k < values_.size(); ++k) values_[k] = static_cast<float>(k) / 255.0F;
}

LayerView SparseNetwork::layer(std::size_t index) {
  const Layer& layer = layers_[index];
  const Rows none{nullptr, 0};
  return {layer.weights.rows(), has_velocity_ ? layer.velocity.rows() : none, layer.inputs,
          !has_velocity_ || index == 0};
}

double SparseNetwork::step(const SparseImages& images, const std::int64_t* labels,
                           const std::int64_t* indices, std::size_t count) {
  for (Layer& layer : layers_) layer.by_input.clear();
  double loss = 0.0;
  for (std::size_t b = 0; b < count; ++b) {
    gather(images, static_cast<std::size_t>(indices[b]), b);
    forward_image(b);
    loss += loss_and_deltas(b, labels[indices[b]], count);
  }
  for (std::size_t l = layers_.size(); l-- > 0;) backward_and_update(l);
  ++steps_;
  return loss;
}

void SparseNetwork::gather(const SparseImages& images, std::size_t index, std::size_t image) {
  EntryListStorage& by_image = layers_.front().by_image;
  Entry* entry = by_image.data(image);
  const std::size_t begin = images.begin[index];
  const std::size_t end = images.begin[index + 1];
  for (std::size_t e = begin; e < end; ++e) {
    *entry++ = {images.pixels[e], values_[images.values[e]]};
    if (has_velocity_) catch_up_row(images.pixels[e]);
  }
  by_image.set_size(image, end - begin);
}

void SparseNetwork::forward_image(std::size_t image) {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const EntryLists by_image = layers_[l].by_image.view();
    EntryListStorage& by_input = layers_[l].by_input;
    for (std::size_t e = by_image.begin[image]; e < by_image.end[image]; ++e) {
      const Entry& entry = by_image.entries[e];
      by_input.append(entry.index, {static_cast<std::uint32_t>(image), entry.value});
    }
    by_input.append(layers_[l].inputs, {static_cast<std::uint32_t>(image), 1.0F});

    const Rows outputs = layers_[l].outputs.rows();
    forward(layer(l), by_image, {image, image + 1}, outputs);
    if (l + 1 == layers_.size()) break;
    EntryListStorage& next = layers_[l + 1].by_image;
    next.set_size(image, compress_active(outputs[image], outputs.stride, next.data(image)));
    // From here on these are deltas, of which those of the units that are off stay zero.
    std::fill_n(outputs[image], outputs.stride, 0.0F);
  }
}

double SparseNetwork::loss_and_deltas(std::size_t image, std::int64_t label, std::size_t count) {
  return softmax_cross_entropy(layers_.back().outputs.rows()[image], label,
                               1.0F / static_cast<float>(count));
}

void SparseNetwork::backward_and_update(std::size_t index) {
  const LayerView view = layer(index);
  const EntryLists by_input = layers_[index].by_input.view();
  const Rows deltas = layers_[index].outputs.rows();
  if (index == 0) {
    update(view, by_input, {0, view.inputs + 1}, deltas, sgd_);
    if (!has_velocity_) return;
    for (std::size_t i = 0; i < view.inputs; ++i) {
      if (by_input.begin[i] != by_input.end[i]) up_to_date_[i] = steps_ + 1;
    }
    return;
  }
  // A few rows at a time, so that they are still in the cache when they are updated.
  constexpr std::size_t kRows = 8;
  for (std::size_t i = 0; i < view.inputs; i += kRows) {
    const Range rows{i, std::min(i + kRows, view.inputs)};
    backward(view, by_input, rows, deltas, layers_[index - 1].outputs.rows());
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
  catch_up(layer(0), pixel,
           {static_cast<float>(m.ww - 1), static_cast<float>(m.wv), static_cast<float>(m.vw),
            static_cast<float>(m.vv)});
}

void SparseNetwork::finish() {
  if (!has_velocity_) return;
  for (std::size_t i = 0; i < layers_.front().inputs; ++i) catch_up_row(i);
}

}  // namespace mnist
