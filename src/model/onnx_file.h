#pragma once

#include <string>

#include "mnist_train/model.h"

namespace mnist {

// ONNX is a file format for networks, which ONNX Runtime and many other programs run. LibTorch
// writes it from Python only. A file is one message ModelProto of Protocol Buffers. Sources:
// onnx.proto, IR.md and Operators.md of the ONNX project (https://github.com/onnx/onnx), and
// "Encoding" at https://protobuf.dev/programming-guides/encoding/.

/// The bytes of an ONNX file (IR version 7, operator set 13) with the network: input `images`
/// [N,784] float32 in [0,1], output `logits` [N,10] float32, for any N. The weights are float32
/// with the names and the shapes of a model file (see write_model()); describe() is the description
/// that viewers show. The same model gives the same bytes.
std::string encode_onnx(const MlpImpl& model);

}  // namespace mnist
