#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/kernels.h"
#include "kernels/storage.h"

namespace mnist {

/// A slice of the output layer: the weights that lead from some of its inputs (columns) to the ten
/// digits. The layer has few outputs, so its weights are kept the other way round than those of
/// hidden layers, because then the kernels' long rows are as long as the layer's inputs are many:
/// row c holds the weights to digit c. To the kernels the digits are inputs. Its biases are not a
/// row of them, because they belong to no slice.
class OutputSlice {
 public:
  OutputSlice(const LayerWeights& weights, Range columns, std::size_t max_batch);

  const LayerWeights& weights() const { return weights_; }
  Range columns() const { return columns_; }

  /// Replaces the inputs, of this slice's columns, by their ReLU, and computes what each group of
  /// columns adds to the logits, as matrices for all groups of the layer.
  void forward(std::size_t batch, Rows inputs, GroupRows logits);

  /// Takes a step of SGD after it has computed the derivatives of the loss by the inputs before
  /// their ReLU, unless there is no matrix for these. `deltas` are the derivatives by the logits.
  void backward_and_update(std::size_t batch, Rows deltas, Rows inputs, Rows input_deltas,
                           const SgdStep& sgd);

 private:
  LayerWeights weights_;
  Range columns_;
  EntryListStorage by_image_;  ///< deltas of the logits
  EntryListStorage by_digit_;  ///< the same digit by digit
};

/// Sets the deltas of those outputs to zero that ReLU has set, or will set, to zero.
void mask(const float* outputs, std::size_t count, float* deltas);

/// logits[0..9] of an image: the sum of what each group adds to them, and the biases.
void add_up_logits(GroupRows groups, std::size_t count, std::size_t image, const float* biases,
                   float* logits);

/// A step of SGD on the output layer's biases, [10]. `velocity` is null without momentum and weight
/// decay.
void update_biases(std::size_t batch, Rows deltas, const SgdStep& sgd, float* biases,
                   float* velocity);

/// The cross-entropy of an image, in nats. Replaces its logits by the derivatives of the
/// cross-entropy, times `scale`. With label smoothing each digit has the target smoothing/10, and
/// the label 1 - smoothing besides, as in torch.nn.CrossEntropyLoss. Source: C. Szegedy et al.,
/// "Rethinking the Inception Architecture for Computer Vision", 2016. It computes in float64,
/// because then C libraries whose exp() and log() round differently give the same float32.
double softmax_cross_entropy(float* logits, std::int64_t label, float scale,
                             float label_smoothing = 0.0F);

}  // namespace mnist
