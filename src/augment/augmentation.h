#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "augment/noise_field.h"
#include "augment/warp.h"
#include "mnist_train/options.h"
#include "sparse/images.h"

namespace mnist {

/// Random augmentation of training images, different in each epoch. An augmented image is a pure
/// function of the options, the seed, the epoch and the image's index in the data set, with the
/// same bits on every machine.
///
/// The affine transform is that of torchvision.transforms.RandomAffine with bilinear interpolation:
/// an image is sheared along its rows, scaled and rotated about its center, and then translated,
/// also by fractions of a pixel. Before that, strokes become wider or narrower: each pixel goes
/// part of the way to its gray dilation or erosion by its four neighbors, which change them by two
/// pixels. Each parameter is one of 1024 equidistant values of its range. The elastic transform
/// also displaces each pixel by a random window of the epoch's NoiseField; `alpha` is half of that
/// of torchvision.transforms.ElasticTransform.
class Augmentation {
 public:
  /// `options.kind` is not kNone.
  Augmentation(const AugmentOptions& options, std::int64_t seed);

  /// Sets `augmented` to the images at `indices`, in this order, augmented for an epoch (which
  /// counts from 1). The number of threads does not change the result.
  void apply(const SparseImages& images, std::span<const std::int64_t> indices, std::int64_t epoch,
             int threads, SparseImages& augmented);

 private:
  static constexpr std::size_t kAmounts = 1024;
  using Amounts = std::array<std::int64_t, kAmounts>;  // fixed-point, in units of 2^-20

  void append(const SparseImages& images, std::size_t index, std::int64_t epoch,
              SparseImages& augmented) const;
  Warp draw_warp(KeyedRandom& random) const;

  AugmentOptions options_;
  std::uint64_t seed_;
  Amounts sines_{};
  Amounts cosines_{};
  Amounts tangents_{};  ///< of shear
  Amounts inverse_scales_{};
  Amounts translations_{};
  Amounts strokes_{};  ///< in units of 2^-Warp::kStrokeBits
  NoiseField field_;
  std::int64_t field_epoch_ = 0;  ///< of field_; 0: none yet
};

/// The augmentation that the options ask for, if any.
std::optional<Augmentation> make_augmentation(const TrainingOptions& options);

}  // namespace mnist
