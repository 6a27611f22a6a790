#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace mnist {

/// A kind of file that people give in place of another.
struct FileKind {
  std::string_view name;  ///< with its article: "a Git LFS pointer"
  /// How to get at what it wraps or stands for; empty if it is whole.
  std::string_view remedy = {};
  bool is_picture = false;
};

constexpr std::size_t kHeadBytes = 4096;  ///< by which recognize() knows a file

/// The first kHeadBytes of a file; fewer if it is shorter, none if it cannot be read.
std::string file_head(const std::filesystem::path& file);

/// What a file is that begins with these bytes, whatever its name says. None for IDX and
/// safetensors files, and for all that is not known here. Sources: the formats' own descriptions;
/// for PyTorch's, torch/serialization.py.
std::optional<FileKind> recognize(std::string_view head);

}  // namespace mnist
