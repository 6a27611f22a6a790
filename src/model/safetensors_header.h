#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"

namespace mnist {

// A safetensors file: 8 bytes with the size of the header, little-endian; the header, a JSON object
// that maps each tensor's name to its dtype, shape and data_offsets [begin, end), and
// "__metadata__" to an object of strings; then the data. Source: the safetensors project's README,
// section Format.

constexpr const char* kMetadataKey = "__metadata__";

/// A tensor as the header describes it.
struct TensorInfo {
  std::string name;
  std::string dtype;                ///< F64, F32, F16 or BF16
  std::vector<std::int64_t> shape;  ///< none of its sizes is 0
  std::uint64_t begin;              ///< of its bytes in the data
  std::uint64_t end;
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata = {};
  std::vector<TensorInfo> tensors = {};  ///< in the order of their data
  std::uint64_t data_begin = 0;          ///< position of the data in the file
};

/// Reads the header of a file, and none of the data. Throws Error(kModel) if the file is of another
/// kind, such as those of torch.save, and unless the header is JSON of the form above, all tensors
/// have one of the four dtypes, and their data fill the rest of the file without holes or overlaps.
SafetensorsHeader read_header(InputFile& file);

/// The parameters of an MLP from 784 inputs to 10 outputs: of each layer, in their order, the
/// weight [outputs,inputs] and the bias [outputs]. The tensors may have the names of any PyTorch
/// module: each layer has an X.weight and an X.bias, and the natural order of the names ("net.2"
/// before "net.10") is that of the layers. Throws Error(kModel), whose message begins with `file`,
/// if there are other tensors, or if a layer does not take the outputs of the one before.
std::vector<TensorInfo> order_parameters(std::vector<TensorInfo> tensors, const std::string& file);

}  // namespace mnist
