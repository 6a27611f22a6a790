#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "data/data_files.h"
#include "mnist_train/options.h"
#include "sparse/images.h"

namespace mnist {

/// Images and their labels, in memory. There are none if the tensors are undefined.
struct Dataset {
  torch::Tensor images;                                  ///< [N,784] float32 in [0,1]
  torch::Tensor labels;                                  ///< [N] int64, 0 to 9
  std::shared_ptr<const SparseImages> sparse = nullptr;  ///< see sparse_form(); null until needed

  std::int64_t size() const { return labels.defined() ? labels.size(0) : 0; }
};

/// The images as the sparse engine wants them: those that are there, or made anew. Null if a pixel
/// is not k/255.
std::shared_ptr<const SparseImages> sparse_form(const Dataset& data);

/// Loads the first `limit` images of a split (all without a limit) from the folder `dir`. The files
/// are checked first (see idx.h); then a set of MNIST's own size is read by
/// torch::data::datasets::MNIST and one of any other size by our reader, with the same result.
/// Throws Error(kData).
Dataset load_split(const std::filesystem::path& dir, Split split,
                   std::optional<std::int64_t> limit = std::nullopt);

/// The data of a run.
struct DataSplits {
  std::string dir;  ///< where it was found
  Dataset train;
  Dataset validation;  ///< may be empty
  Dataset test;
};

/// Finds the folder and loads it. The validation images are the last of the training set's. Throws
/// Error(kData) as above, and Error(kUsage) if they leave none to train on.
DataSplits load_data(const DataOptions& options);

/// A number that hardly any other labels have: 64-bit FNV-1a of the digits.
/// Source: G. Fowler, L. C. Noll, K.-P. Vo, draft-eastlake-fnv.
std::uint64_t fingerprint(const torch::Tensor& labels);

/// Likewise of images and labels, of which there must be at least one. It goes by the bytes of the
/// pixels (0 to 255), so it does not depend on how they were rounded to float32.
std::uint64_t fingerprint(const Dataset& data);

/// The shuffled order of an epoch: a permutation of 0..size-1, [size] int64, which depends on
/// nothing but the arguments. `epoch` counts from 1. LibTorch's global generator is not touched.
torch::Tensor epoch_order(std::int64_t size, std::int64_t seed, std::int64_t epoch);

}  // namespace mnist
