#include "sparse/output.h"

#include <algorithm>
#include <cmath>

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

/// As torch::argmax: the first of the largest, and NaN is larger than any number.
std::size_t guess(const float* logits) {
  const auto is_less = [](float a, float b) { return a < b || (std::isnan(b) && !std::isnan(a)); };
  return std::max_element(logits, logits + kClasses, is_less) - logits;
}

/// ReLU in place. NaN stays NaN.
void rectify(float* outputs, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) outputs[i] = outputs[i] <= 0.0F ? 0.0F : outputs[i];
}

/// deltas = 0 where outputs, which have been rectified, are.
void mask(const float* outputs, std::size_t count, float* deltas) {
  for (std::size_t i = 0; i < count; ++i) deltas[i] = outputs[i] <= 0.0F ? 0.0F : deltas[i];
}

}  // namespace

SparseOutput::SparseOutput(std::size_t inputs, std::size_t max_batch, bool has_velocity)
    : weights_(kClasses + 1, inputs),
      velocity_(has_velocity ? kClasses : 0, inputs),
      logits_(max_batch, kClasses),
      deltas_(max_batch, kClasses),
      by_image_(max_batch, kClasses + 1),
      by_digit_(kClasses, max_batch) {}

LayerView SparseOutput::view() const {
  return {weights_.rows(), velocity_.rows(), kClasses, false};
}

void SparseOutput::forward(std::size_t count, Rows inputs) {
  for (std::size_t b = 0; b < count; ++b) rectify(inputs[b], view().weights.stride);
  by_digit_.clear();
  for (std::size_t c = 0; c < kClasses; ++c) {
    for (std::size_t b = 0; b < count; ++b) by_digit_.append(c, {static_cast<std::uint32_t>(b), 0});
  }
  mnist::backward(view(), by_digit_.view(), inputs, logits());
}

double SparseOutput::loss(const Batch& batch, const std::vector<Rows>& logits) {
  const float scale = 1.0F / static_cast<float>(batch.count);
  double loss = 0.0;
  for (std::size_t b = 0; b < batch.count; ++b) {
    float* const deltas = deltas_.rows()[b];
    add_up(b, logits, deltas);
    loss += softmax_cross_entropy(deltas, batch.labels[batch.indices[b]], scale);
    Entry* const entries = by_image_.data(b);
    for (std::size_t c = 0; c < kClasses; ++c) {
      by_digit_.data(c)[b].value = deltas[c];
      entries[c] = {static_cast<std::uint32_t>(c), deltas[c]};
    }
    entries[kClasses] = {kNoIndex, 0.0F};
  }
  return loss;
}

void SparseOutput::test(const Batch& batch, const std::vector<Rows>& logits,
                        Evaluation& sums) const {
  for (std::size_t b = 0; b < batch.count; ++b) {
    std::array<float, kClasses> sum{};
    add_up(b, logits, sum.data());
    const std::int64_t label = batch.labels[batch.indices[b]];
    ++sums.confusion.counts.at(label).at(guess(sum.data()));
    sums.loss += softmax_cross_entropy(sum.data(), label, 1.0F);
  }
}

/// The logits of an image, with biases.
void SparseOutput::add_up(std::size_t image, const std::vector<Rows>& logits, float* sums) const {
  std::copy(biases_.begin(), biases_.end(), sums);
  for (const Rows& part : logits) {
    for (std::size_t c = 0; c < kClasses; ++c) sums[c] += part[image][c];
  }
}

void SparseOutput::backward(std::size_t count, Rows inputs, Rows input_deltas) const {
  for (std::size_t begin = 0; begin < count; begin += kForwardImages) {
    const Range chunk{begin, std::min(begin + kForwardImages, count)};
    mnist::forward(view(), by_image_.view(), chunk, input_deltas);
  }
  for (std::size_t b = 0; b < count; ++b) mask(inputs[b], view().weights.stride, input_deltas[b]);
}

void SparseOutput::update(std::size_t count, Rows inputs, const SgdStep& sgd) {
  mnist::update(view(), by_digit_.view(), {0, kClasses}, inputs, sgd);
  for (std::size_t c = 0; c < kClasses; ++c) {
    float& bias = biases_[c];
    float& velocity = bias_velocity_[c];
    float gradient = sgd.weight_decay * bias;
    for (std::size_t b = 0; b < count; ++b) gradient += deltas_.rows()[b][c];
    velocity = sgd.momentum * velocity + gradient;
    bias -= sgd.lr * velocity;
  }
}

}  // namespace mnist
