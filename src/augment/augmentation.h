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

/// Augments training images at random, differently in each epoch. An augmented image is a pure
/// function of the options, the seed, the epoch and the image's index in the data set, and the same
/// on every machine.
///
/// The affine transform is that of torchvision.transforms.RandomAffine with bilinear interpolation:
/// about its center an image is sheared along its rows, scaled and rotated, and then translated,
/// also by parts of a pixel. Before that, its strokes become wider or narrower: a share of the way
/// to the gray dilation or erosion by the four neighbors of each pixel, which is two pixels of
/// width. Each of these amounts is one of 1024 from its lowest to its highest.
/// The elastic transform also displaces each pixel by a window, at a random place, of the epoch's
/// NoiseField; `alpha` is half of that of torchvision.transforms.ElasticTransform.
class Augmentation {
 public:
  /// `options.kind` is not kNone.
  Augmentation(const AugmentOptions& options, std::int64_t seed);

  /// Makes `augmented` the images at `indices`, as they are in an epoch, which counts from 1, in
  /// the order of the indices. The number of threads that do it changes nothing.
  void apply(const SparseImages& images, std::span<const std::int64_t> indices, std::int64_t epoch,
             int threads, SparseImages& augmented);

 private:
  static constexpr std::size_t kAmounts = 1024;
  using Amounts = std::array<std::int64_t, kAmounts>;  // in units of 2^-20

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
  std::int64_t field_epoch_ = 0;  ///< that of the field; 0: there is none yet
};

/// The augmentation of a run; none if there is none.
std::optional<Augmentation> make_augmentation(const TrainingOptions& options);

}  // namespace mnist
