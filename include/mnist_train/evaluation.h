#pragma once

#include "mnist_train/data.h"
#include "mnist_train/metrics.h"
#include "mnist_train/model.h"

namespace mnist {

/// Tests the model on every image. Leaves the weights, the mode of the model and LibTorch's
/// generator as they were. The data set must not be empty.
Evaluation evaluate(Mlp model, const Dataset& data);

}  // namespace mnist
