#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mnist_train/metrics.h"
#include "mnist_train/shape.h"
#include "sparse/kernels.h"
#include "sparse/storage.h"

namespace mnist {

/// The images that a step, or a part of a test, is about: indices[0..count-1], whose labels are
/// labels[indices[..]].
struct Batch {
  const std::int64_t* labels;
  const std::int64_t* indices;
  std::size_t count;
};

/// The output layer with softmax and cross-entropy, or as many of its inputs as one thread trains.
/// It has few outputs, so its weights are kept, and its products taken, the other way round: the
/// kernels see the digits as inputs and the inputs, dense, as outputs.
class SparseOutput {
 public:
  /// The weights are zero at first.
  SparseOutput(std::size_t inputs, std::size_t max_batch, bool has_velocity);

  LayerView view() const;  ///< row c has the weights to digit c; the row of biases is zero
  float* biases() { return biases_.data(); }
  float* bias_velocity() { return bias_velocity_.data(); }

  /// Takes the ReLU of the inputs, in place, and writes what they add to each image's logits:
  /// logits().
  void forward(std::size_t count, Rows inputs);
  Rows logits() const { return logits_.rows(); }

  /// The sum of the images' cross-entropies, in nats. `logits` are those of all threads, without
  /// biases. Makes ready for backward() and update().
  double loss(const Batch& batch, const std::vector<Rows>& logits);

  /// Adds the sum of the cross-entropies, and the guesses, to a test's. `logits` as above.
  void test(const Batch& batch, const std::vector<Rows>& logits, Evaluation& sums) const;

  /// Writes the mean cross-entropy differentiated by the inputs before their ReLU.
  void backward(std::size_t count, Rows inputs, Rows input_deltas) const;

  void update(std::size_t count, Rows inputs, const SgdStep& sgd);

 private:
  void add_up(std::size_t image, const std::vector<Rows>& logits, float* sums) const;

  RowStorage weights_;  ///< a row a digit, and one of zeros in place of biases
  RowStorage velocity_;
  RowStorage logits_;
  RowStorage deltas_;  ///< the mean cross-entropy differentiated by the logits
  EntryListStorage by_image_;
  EntryListStorage by_digit_;
  std::array<float, kDigits> biases_{};
  std::array<float, kDigits> bias_velocity_{};
};

}  // namespace mnist
