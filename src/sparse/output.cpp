#include "sparse/output.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

constexpr std::size_t kClasses = kDigits;

/// ReLU in place. NaN stays NaN.
void rectify(float* outputs, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) outputs[i] = outputs[i] <= 0.0F ? 0.0F : outputs[i];
}

}  // namespace

OutputSlice::OutputSlice(const LayerWeights& weights, Range columns, std::size_t max_batch)
    : weights_(weights),
      columns_(columns),
      by_image_(max_batch, kClasses + 1),
      by_digit_(kClasses, max_batch) {}

void OutputSlice::forward(std::size_t batch, Rows inputs, GroupRows logits) {
  for (std::size_t b = 0; b < batch; ++b) rectify(inputs[b], weights_.width);
  by_digit_.clear();
  for (std::size_t c = 0; c < kClasses; ++c) {
    for (std::size_t b = 0; b < batch; ++b) by_digit_.append(c, {static_cast<std::uint32_t>(b), 0});
  }
  dot_rows(weights_, by_digit_.view(), inputs, logits.from_group(columns_.begin / weights_.group));
}

void OutputSlice::backward_and_update(std::size_t batch, Rows deltas, Rows inputs,
                                      Rows input_deltas, const SgdStep& sgd) {
  for (std::size_t b = 0; b < batch; ++b) {
    Entry* const entries = by_image_.data(b);
    for (std::size_t c = 0; c < kClasses; ++c) {
      by_digit_.data(c)[b].value = deltas[b][c];
      entries[c] = {static_cast<std::uint32_t>(c), deltas[b][c]};
    }
    entries[kClasses] = {kNoIndex, 0.0F};
  }
  if (input_deltas.data != nullptr) {
    accumulate_rows(weights_, by_image_.view(), {0, batch}, input_deltas);
    for (std::size_t b = 0; b < batch; ++b) mask(inputs[b], weights_.width, input_deltas[b]);
  }
  update_rows(weights_, by_digit_.view(), {0, kClasses}, inputs, sgd);
}

void mask(const float* outputs, std::size_t count, float* deltas) {
  for (std::size_t i = 0; i < count; ++i) deltas[i] = outputs[i] <= 0.0F ? 0.0F : deltas[i];
}

void add_up_logits(GroupRows groups, std::size_t count, std::size_t image, const float* biases,
                   float* logits) {
  std::copy_n(groups[0][image], kClasses, logits);
  for (std::size_t g = 1; g < count; ++g) {
    for (std::size_t c = 0; c < kClasses; ++c) logits[c] += groups[g][image][c];
  }
  for (std::size_t c = 0; c < kClasses; ++c) logits[c] += biases[c];
}

void update_biases(std::size_t batch, Rows deltas, const SgdStep& sgd, float* biases,
                   float* velocity) {
  for (std::size_t c = 0; c < kClasses; ++c) {
    float change = sgd.weight_decay * biases[c];
    for (std::size_t b = 0; b < batch; ++b) change += deltas[b][c];
    if (velocity != nullptr) change = velocity[c] = sgd.momentum * velocity[c] + change;
    biases[c] -= sgd.lr * change;
  }
}

double softmax_cross_entropy(float* logits, std::int64_t label, float scale,
                             float label_smoothing) {
  const double share = static_cast<double>(label_smoothing) / kDigits;
  const double most = *std::max_element(logits, logits + kClasses);
  std::array<double, kClasses> powers{};
  double sum = 0.0;
  for (std::size_t c = 0; c < kClasses; ++c) {
    powers[c] = std::exp(logits[c] - most);
    sum += powers[c];
  }
  double target = logits[label] - most;  // the mean logit by the target's probabilities
  if (label_smoothing > 0.0F) {
    double rest = 0.0;
    for (std::size_t c = 0; c < kClasses; ++c) rest += logits[c] - most;
    target = (1.0 - label_smoothing) * target + share * rest;
  }
  for (std::size_t c = 0; c < kClasses; ++c) {
    const double certainty = static_cast<std::int64_t>(c) == label ? 1.0 - label_smoothing : 0.0;
    logits[c] = static_cast<float>((powers[c] / sum - share - certainty) * scale);
  }
  return std::log(sum) - target;
}

}  // namespace mnist
