#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "mnist_train/options.h"

namespace mnist {

/// Images with their labels. An empty set has undefined tensors.
struct Dataset {
  torch::Tensor images;  ///< [N,784] uint8, from 0 for black to 255 for white
  torch::Tensor labels;  ///< [N] int64, 0 to 9

  std::int64_t size() const { return labels.defined() ? labels.size(0) : 0; }

  /// Views of the images and labels begin .. end-1.
  Dataset slice(std::int64_t begin, std::int64_t end) const {
    return {images.slice(0, begin, end), labels.slice(0, begin, end)};
  }
};

/// Loads the first `limit` images of a split (all of them without a limit) from the directory
/// `dir`. All files are checked before anything is read. A whole set of MNIST's own size is then
/// read by torch::data::datasets::MNIST, and any other by our own reader, with the same result.
/// EMNIST's digits under their own names, which are transposed, are turned upright; of QMNIST's
/// labels the digit is taken. Throws Error(kData).
Dataset load_split(const std::filesystem::path& dir, Split split,
                   std::optional<std::int64_t> limit = std::nullopt);

/// The data of a run.
struct DataSplits {
  std::string dir = {};  ///< where the data was found
  Dataset train = {};
  Dataset validation = {};  ///< may be empty
  Dataset test = {};        ///< empty if there are no such files
};

/// Finds the directory and loads the data set in it. The validation set is the last images of the
/// training set. Throws Error(kData) as above, or if there are neither test nor validation images,
/// and Error(kUsage) if no image is left to train on.
DataSplits load_data(const DataOptions& options);

/// The same for the whole data set in `dir`, without a validation set.
DataSplits load_data(const std::filesystem::path& dir);

/// The shuffled order of an epoch: a permutation of 0..size-1, [size] int64. It depends on nothing
/// but the arguments, and LibTorch's global generator is not used. `epoch` counts from 1.
torch::Tensor epoch_order(std::int64_t size, std::int64_t seed, std::int64_t epoch);

}  // namespace mnist
