#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "mnist_train/error.h"
#include "model/float_format.h"

namespace mnist {

constexpr std::size_t kSizeBytes = 8;  ///< in which the size of the header is told
constexpr const char* kMetadata = "__metadata__";

/// A tensor as the header tells it.
struct TensorEntry {
  std::string name;
  const FloatFormat* format;
  std::vector<std::int64_t> shape;
  std::uint64_t begin;  ///< where its bytes are in the data
  std::uint64_t end;
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::vector<TensorEntry> tensors;  ///< in the order of their data, which they cover
  std::size_t data_begin = 0;        ///< the position in the file at which the data begin
};

/// A file that is not as the format has it.
class Damage : public Error {
 public:
  using Error::Error;
};

/// Reads the header of a file, given whole, in the format that safetensors.h describes. Throws
/// Damage if the file does not have that form, and Error(kModel) if its numbers are of another
/// type. Their messages do not name the file.
SafetensorsHeader read_header(const std::string& bytes);

}  // namespace mnist
