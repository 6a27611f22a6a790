#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mnist_train/shape.h"

namespace at {
class Tensor;  // so that those who only look at predictions need not read LibTorch's headers
}

namespace mnist {

/// The prediction of a network for one image.
struct Prediction {
  std::array<double, kDigits> probabilities{};  ///< of each digit; their sum is 1

  /// The digits, the most probable first. Of two equally probable digits the lower comes first.
  std::array<std::int64_t, kDigits> ranking() const;

  std::int64_t digit() const { return ranking().front(); }
  double probability() const { return probabilities.at(digit()); }  ///< of digit()
};

/// The softmax of each row of logits ([N,10]).
std::vector<Prediction> predict(const at::Tensor& logits);

/// An image whose predicted digit is not its label.
struct Misclassification {
  std::int64_t position;  ///< in its data set, from 0
  std::int64_t truth;     ///< the label
  Prediction prediction;
};

/// The misclassified images, in the order of the data set. Labels are [N] int64. They are the same
/// images that evaluate() of evaluation.h counts as wrong.
std::vector<Misclassification> find_misclassified(const at::Tensor& logits,
                                                  const at::Tensor& labels);

/// The `count` of them (all, if they are fewer) whose wrong digit has the highest probability,
/// highest first.
std::vector<Misclassification> most_confident(std::vector<Misclassification> misclassified,
                                              std::size_t count);

}  // namespace mnist
