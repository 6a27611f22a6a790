#pragma once

#include <cstddef>
#include <string_view>

namespace mnist {

/// How the numbers of a tensor are stored, in little-endian order, and how to read one as float32.
struct FloatFormat {
  std::string_view dtype;  ///< its name in safetensors
  std::size_t bytes;       ///< that a number takes
  float (*read)(const char* bytes);
};

/// F32, F64, F16 (binary16; both of IEEE 754) or BF16 (the upper half of a binary32); null for any
/// other name. What is too large for float32 becomes infinite.
const FloatFormat* float_format(std::string_view dtype);

}  // namespace mnist
