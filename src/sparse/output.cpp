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

/// Sets the deltas of those outputs to zero that ReLU has set to zero.
void mask(const float* outputs, std::size_t count, float* deltas) {
  for (std::size_t i = 0; i < count; ++i) deltas[i] = outputs[i] <= 0.0F ? 0.0F : deltas[i];
}

}  // namespace

OutputSlice::OutputSlice(const OutputWeights& weights, std::size_t max_batch)
    : weights_(weights),
      logits_(max_batch, kClasses),
      deltas_(max_batch, kClasses),
      by_image_(max_batch, kClasses + 1),
      by_digit_(kClasses, max_batch) {}

void OutputSlice::forward(std::size_t batch, Rows inputs) {
  for (std::size_t b = 0; b < batch; ++b) rectify(inputs[b], weights_.layer.width);
  by_digit_.clear();
  for (std::size_t c = 0; c < kClasses; ++c) {
    for (std::size_t b = 0; b < batch; ++b) by_digit_.append(c, {static_cast<std::uint32_t>(b), 0});
  }
  mnist::backward(weights_.layer, by_digit_.view(), inputs, logits());
  if (weights_.biases == nullptr) return;
  for (std::size_t b = 0; b < batch; ++b) {
    for (std::size_t c = 0; c < kClasses; ++c) logits()[b][c] += weights_.biases[c];
  }
}

double OutputSlice::loss(const Examples& batch, std::span<const Rows> logits,
                         float label_smoothing) {
  const float scale = 1.0F / static_cast<float>(batch.size());
  double loss = 0.0;
  for (std::size_t b = 0; b < batch.size(); ++b) {
    float* const deltas = deltas_.rows()[b];
    add_up_logits(logits, b, deltas);
    loss += softmax_cross_entropy(deltas, batch.label(b), scale, label_smoothing);
    Entry* const entries = by_image_.data(b);
    for (std::size_t c = 0; c < kClasses; ++c) {
      by_digit_.data(c)[b].value = deltas[c];
      entries[c] = {static_cast<std::uint32_t>(c), deltas[c]};
    }
    entries[kClasses] = {kNoIndex, 0.0F};
  }
  return loss;
}

void OutputSlice::backward(std::size_t batch, Rows inputs, Rows input_deltas) const {
  for (std::size_t begin = 0; begin < batch; begin += kForwardImages) {
    const Range chunk{begin, std::min(begin + kForwardImages, batch)};
    mnist::forward(weights_.layer, by_image_.view(), chunk, input_deltas);
  }
  for (std::size_t b = 0; b < batch; ++b) mask(inputs[b], weights_.layer.width, input_deltas[b]);
}

void OutputSlice::update(std::size_t batch, Rows inputs, const SgdStep& sgd) {
  mnist::update(weights_.layer, by_digit_.view(), {0, kClasses}, inputs, sgd);
  if (weights_.biases == nullptr) return;
  for (std::size_t c = 0; c < kClasses; ++c) {
    float& bias = weights_.biases[c];
    float& velocity = weights_.bias_velocity[c];
    float gradient = sgd.weight_decay * bias;
    for (std::size_t b = 0; b < batch; ++b) gradient += deltas_.rows()[b][c];
    velocity = sgd.momentum * velocity + gradient;
    bias -= sgd.lr * velocity;
  }
}

void add_up_logits(std::span<const Rows> slices, std::size_t image, float* logits) {
  std::copy_n(slices.front()[image], kClasses, logits);
  for (const Rows& slice : slices.subspan(1)) {
    for (std::size_t c = 0; c < kClasses; ++c) logits[c] += slice[image][c];
  }
}

double softmax_cross_entropy(float* logits, std::int64_t label, float scale,
                             float label_smoothing) {
  const float share = label_smoothing / static_cast<float>(kClasses);
  const float most = *std::max_element(logits, logits + kClasses);
  std::array<float, kClasses> powers{};
  float sum = 0.0F;
  for (std::size_t c = 0; c < kClasses; ++c) {
    powers[c] = std::exp(logits[c] - most);
    sum += powers[c];
  }
  float target = logits[label] - most;  // the mean logit by the target's probabilities
  if (label_smoothing > 0.0F) {
    float rest = 0.0F;
    for (std::size_t c = 0; c < kClasses; ++c) rest += logits[c] - most;
    target = (1.0F - label_smoothing) * target + share * rest;
  }
  const double loss = std::log(sum) - target;
  for (std::size_t c = 0; c < kClasses; ++c) logits[c] = (powers[c] / sum - share) * scale;
  logits[label] -= (1.0F - label_smoothing) * scale;
  return loss;
}

}  // namespace mnist
