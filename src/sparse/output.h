#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sparse/images.h"
#include "sparse/kernels.h"
#include "sparse/storage.h"

namespace mnist {

/// The weights of the output layer, which has few outputs. They are kept the other way round than
/// those of hidden layers, because then the kernels' long rows are as long as the layer's inputs
/// are many: row c holds the weights to digit c. To the kernels the digits are inputs.
struct OutputWeights {
  LayerWeights layer;    ///< its row of biases is zero
  float* biases;         ///< [10]; null for slices that have none
  float* bias_velocity;  ///< [10]
};

/// A thread's slice of the output layer with softmax and cross-entropy: the weights from some of
/// its inputs (columns). One slice also has the biases.
class OutputSlice {
 public:
  OutputSlice(const OutputWeights& weights, std::size_t max_batch);

  /// Replaces the inputs by their ReLU, and computes what they add to the logits of each image.
  void forward(std::size_t batch, Rows inputs);
  Rows logits() const { return logits_.rows(); }

  /// The sum of the images' cross-entropies, in nats. `logits` are those of all slices. Has to be
  /// called before backward() and update().
  double loss(const Examples& batch, std::span<const Rows> logits, float label_smoothing);

  /// Computes the derivatives of the mean cross-entropy by the inputs before their ReLU.
  void backward(std::size_t batch, Rows inputs, Rows input_deltas) const;

  void update(std::size_t batch, Rows inputs, const SgdStep& sgd);

 private:
  OutputWeights weights_;
  RowStorage logits_;
  RowStorage deltas_;  ///< the derivatives of the mean cross-entropy by the logits
  EntryListStorage by_image_;
  EntryListStorage by_digit_;
};

/// logits[0..9] of an image, from what each slice adds to them.
void add_up_logits(std::span<const Rows> slices, std::size_t image, float* logits);

/// The cross-entropy of an image, in nats. Replaces its logits by the derivatives of the
/// cross-entropy, times `scale`. With label smoothing each digit has the target smoothing/10, and
/// the label 1 - smoothing besides, as in torch.nn.CrossEntropyLoss. Source: C. Szegedy et al.,
/// "Rethinking the Inception Architecture for Computer Vision", 2016.
double softmax_cross_entropy(float* logits, std::int64_t label, float scale,
                             float label_smoothing = 0.0F);

}  // namespace mnist
