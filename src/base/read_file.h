#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>

namespace mnist {

/// What a file holds, or why that cannot be had.
struct FileContents {
  std::string bytes;
  std::string problem;  ///< "No such file or directory"; empty if there is none
};

/// Reads a file whole. A folder, a device or a pipe, which might never end, is a problem, as is
/// more than `max_bytes`.
FileContents read_file(const std::filesystem::path& file,
                       std::uintmax_t max_bytes = std::numeric_limits<std::uintmax_t>::max());

/// The path of a file for messages: from the root, if it has one.
std::string full_name(const std::filesystem::path& file);

}  // namespace mnist
