#pragma once

#include <c10/util/Exception.h>  // ordered_dict.h needs it first
#include <torch/ordered_dict.h>
#include <torch/types.h>

#include <filesystem>
#include <map>
#include <string>

#include "model/safetensors_header.h"

namespace mnist {

/// What a safetensors file holds, whose format safetensors_header.h describes.
struct TensorFile {
  std::map<std::string, std::string> metadata;
  torch::OrderedDict<std::string, torch::Tensor> tensors;
};

/// The values of a tensor of any shape, as float32, row by row.
std::string float32_bytes(const torch::Tensor& tensor);

/// The bytes of a file, all tensors as F32; the same contents give the same bytes. The data is
/// 8-byte aligned.
std::string encode_safetensors(const TensorFile& file);

/// Reads the values of a tensor of the file's header, as float32 on the CPU. Throws Error(kModel)
/// if one is infinite (also a float64 too large for float32) or NaN.
torch::Tensor read_tensor(InputFile& file, const SafetensorsHeader& header,
                          const TensorInfo& tensor);

/// Reads a file whole, with the tensors in the order of their data. Throws likewise, and as
/// read_header() does.
TensorFile read_safetensors(const std::filesystem::path& path);

}  // namespace mnist
