#pragma once

#include <torch/types.h>

#include "mnist_train/data.h"
#include "mnist_train/metrics.h"
#include "mnist_train/model.h"

namespace mnist {

/// The logits ([N,10] float32, on the CPU) of images ([N,784] uint8). Leaves the weights, the mode
/// of the model and LibTorch's generator as they were.
torch::Tensor compute_logits(Mlp model, const torch::Tensor& images);

/// Loss and confusion matrix from logits ([N,10] float32) and labels ([N] int64, 0 to 9). The
/// prediction is the digit with the largest logit. N must not be 0.
Evaluation evaluate(const torch::Tensor& logits, const torch::Tensor& labels);

/// Both of the above.
Evaluation evaluate(Mlp model, const Dataset& data);

}  // namespace mnist
