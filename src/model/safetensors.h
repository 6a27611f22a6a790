#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mnist_train/error.h"

namespace mnist {

/// A file of weights in messages: how it is called, and what helps if it cannot be used.
struct WeightsFile {
  std::string name;
  std::string remedy =
      "give the weights of linear layers, saved by mnist-train or by safetensors.torch.save_file";
  std::string remedy_if_damaged = "copy or download it again";
};

/// What helps if a file of weights is not to be found.
constexpr const char* kCheckPath = "check its path and its permissions";

/// Throws Error(kModel), which says what is wrong with the file and what to do.
template <typename... Values>
[[noreturn]] void refuse(const WeightsFile& file, fmt::format_string<Values...> problem,
                         Values&&... values) {
  fail(ExitCode::kModel, "{}: {}; {}", file.name,
       fmt::format(problem, std::forward<Values>(values)...), file.remedy);
}

/// A tensor, row by row; values.size() is the product of `shape`.
struct FloatTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// What a safetensors file holds.
struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::vector<FloatTensor> tensors;
  WeightsFile source = {};  ///< that it was read from

  const FloatTensor* find(const std::string& name) const;  ///< null if there is none
};

// The format: 8 bytes with the size of the header, little-endian; the header, a JSON object that
// maps each tensor's name to its dtype, shape and data_offsets [begin, end), and "__metadata__" to
// an object of strings; then the data. Source: the safetensors project's README, section Format.

/// The bytes of the file, all tensors as F32; the same contents give the same bytes. The data is
/// 8-byte aligned.
std::string encode_safetensors(const TensorFile& file);

/// Reads such bytes, from a source that nobody need trust. Tensors of F16, BF16 and F64 become
/// float32. Throws Error(kModel) unless the header has at most 1 MiB and is JSON of the right form
/// without duplicate keys, the tensors are of one of these types, their data cover the rest of the
/// file without holes and overlaps, and all values are finite.
TensorFile decode_safetensors(const std::string& bytes, const WeightsFile& source);

/// Reads the file at `path`. Throws Error(kModel) as above, or if it cannot be read or is known to
/// be of another kind, such as those of torch.save.
TensorFile read_safetensors(const std::filesystem::path& path, const WeightsFile& source);

/// The same for a model, whose name in messages is its path from the root.
TensorFile read_safetensors(const std::filesystem::path& path);

}  // namespace mnist
