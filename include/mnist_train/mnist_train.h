#pragma once

// All of the library: load_data(), Mlp, train(), evaluate(), write_model() and read_model(). And
// torch::manual_seed(), by which the weights are the same each time.

#include <torch/utils.h>

#include "mnist_train/data.h"
#include "mnist_train/error.h"
#include "mnist_train/metrics.h"
#include "mnist_train/model.h"
#include "mnist_train/options.h"
#include "mnist_train/progress.h"
#include "mnist_train/shape.h"
#include "mnist_train/train.h"
