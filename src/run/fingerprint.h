#pragma once

#include <string>

#include "mnist_train/data.h"
#include "mnist_train/model.h"

namespace mnist {

/// Tells data sets apart: a 64-bit FNV-1a hash of the labels and the images, as 16 hexadecimal
/// digits. Source: G. Fowler, L. C. Noll, K.-P. Vo, draft-eastlake-fnv.
std::string fingerprint(const Dataset& data);

/// SHA-256 of the model's file, as 64 hexadecimal digits: what `sha256sum model.safetensors`
/// prints. Throws std::bad_alloc.
std::string model_sha256(const MlpImpl& model);

/// That of `mnist-train --epochs 1 --data data/sample`: of the network with the default options,
/// trained once on the sample that comes with the program. The sparse engine gives it on every
/// CPU with fused multiply-add, with any number of threads.
constexpr const char* kFingerprint =
    "a393ffc077bc8d8353fa9b1db7fe10dab86f36023800caaaa1b6e762ded7a5e3";

}  // namespace mnist
