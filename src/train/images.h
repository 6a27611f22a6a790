#pragma once

#include <torch/types.h>

#include <cstdint>
#include <span>

#include "sparse/images.h"

namespace mnist {

// Images are bytes in a data set, floats for LibTorch's layers, and sparse for the sparse engine
// and for augmentation.

/// [N,784] uint8 -> [N,784] float32 in [0,1]. The same bits as of torch::data::datasets::MNIST.
torch::Tensor to_float(const torch::Tensor& images);

/// [N,784] uint8 -> the sparse form.
SparseImages to_sparse(const torch::Tensor& images);

/// The reverse: [N,784] uint8.
torch::Tensor to_dense(const SparseImages& images);

/// The elements of a contiguous tensor of int64, valid as long as the tensor.
std::span<const std::int64_t> as_span(const torch::Tensor& tensor);

}  // namespace mnist
