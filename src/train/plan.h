#pragma once

#include <torch/types.h>

#include <functional>
#include <string>

#include "mnist_train/options.h"

namespace mnist {

/// The CUDA devices that LibTorch can compute on.
struct Gpus {
  int count = 0;
  std::string why_none;  ///< if there are none, as in "this LibTorch was built without CUDA"
};

/// Starts the driver, if LibTorch was built for CUDA and there is one.
Gpus find_gpus();

/// What trains, and why.
struct Plan {
  EngineKind engine;  ///< not kAuto
  torch::Device device;
  int threads;
  std::string reason;  ///< why this engine, for the log
};

/// Chooses what kAuto and "auto" leave open: what is fastest with these options. That is the engine
/// `sparse` on the CPU, except for large batches and layers: then `autograd`, and a GPU if there is
/// one and it is several times as fast. `find` is called only if the device may be a GPU. Throws
/// Error(kUsage) if there is no such device, or if the engine cannot use it.
Plan make_plan(const ComputeOptions& compute, const TrainingOptions& training,
               const std::function<Gpus()>& find = find_gpus);

}  // namespace mnist
