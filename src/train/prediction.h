#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>

#include "image/gray_image.h"
#include "mnist_train/shape.h"

namespace mnist {

/// What a network makes of an image.
struct Prediction {
  std::array<double, kDigits> probabilities{};  ///< of each digit; their sum is 1

  /// The digits, most probable first; the lower of two that are equally so.
  std::array<std::int64_t, kDigits> ranking() const {
    std::array<std::int64_t, kDigits> digits{};
    std::iota(digits.begin(), digits.end(), 0);
    std::stable_sort(digits.begin(), digits.end(), [this](std::int64_t one, std::int64_t other) {
      return probabilities.at(one) > probabilities.at(other);
    });
    return digits;
  }

  std::int64_t digit() const { return ranking().front(); }
  double probability() const { return probabilities.at(digit()); }  ///< of digit()
};

/// An image of a data set that a network takes for another digit than its label says.
struct Mistake {
  std::int64_t position;  ///< in its split, from 0
  std::int64_t truth;
  Prediction prediction;
  GrayImage image;  ///< 28 x 28
};

}  // namespace mnist
