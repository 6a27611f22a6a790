#pragma once

#include <torch/types.h>

#include <array>
#include <cstdint>

#include "mnist_train/shape.h"

namespace mnist {

/// The prediction of a network for one image.
struct Prediction {
  std::array<double, kDigits> probabilities{};  ///< of each digit; their sum is 1

  /// The digits, the most probable first. Of two equally probable digits the lower comes first.
  std::array<std::int64_t, kDigits> ranking() const;

  std::int64_t digit() const { return ranking().front(); }
  double probability() const { return probabilities.at(digit()); }  ///< of digit()
};

/// The softmax of an image's logits ([1,10]).
Prediction predict(const torch::Tensor& logits);

}  // namespace mnist
