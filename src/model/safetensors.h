#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace mnist {

/// A tensor of float32, row by row; values.size() is the product of `shape`.
struct FloatTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// What a safetensors file holds.
struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::vector<FloatTensor> tensors;

  const FloatTensor* find(const std::string& name) const;  ///< null if there is none
};

// The format: 8 bytes with the size of the header, little-endian; the header, a JSON object that
// maps each tensor's name to its dtype, shape and data_offsets [begin, end), and "__metadata__" to
// an object of strings; then the data. Source: the safetensors project's README, section Format.

/// The bytes of the file; the same contents give the same bytes. The data is 8-byte aligned.
std::string encode_safetensors(const TensorFile& file);

/// Reads such bytes, from a source that nobody need trust. Throws Error(kModel) unless the header
/// has at most 1 MiB and is JSON of the right form without duplicate keys, all tensors are F32,
/// their data cover the rest of the file without holes and overlaps, and all values are finite.
/// `name` is that of the file, for the message.
TensorFile decode_safetensors(const std::string& bytes, const std::string& name);

/// Reads a file. Throws Error(kModel) as above, or if it cannot be read.
TensorFile read_safetensors(const std::filesystem::path& file);

}  // namespace mnist
