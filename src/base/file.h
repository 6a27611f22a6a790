#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "mnist_train/error.h"

namespace mnist {

/// A file that is open for reading. Its errors are of the kind that it was opened for, and begin
/// with its name.
class InputFile {
 public:
  /// Throws if the file cannot be read, or is something else, such as a pipe, which might never
  /// end.
  InputFile(const std::filesystem::path& file, ErrorKind kind);

  const std::string& name() const { return name_; }  ///< the absolute path, for messages
  std::uint64_t size() const { return size_; }       ///< in bytes

  /// Reads the bytes from `position` on. Throws if there are fewer than `bytes` has room for.
  void read(std::uint64_t position, std::span<char> bytes);

  /// The first `count` bytes, or all if there are fewer.
  std::string head(std::uint64_t count);

  [[noreturn]] void refuse(const std::string& problem) const;  ///< "NAME: cannot be read: ..."

 private:
  std::string name_;
  ErrorKind kind_;
  std::uint64_t size_ = 0;
  std::ifstream stream_;
};

/// Reads a whole file. Throws as InputFile does, and also if it has more than `max_bytes`.
std::string read_file(const std::filesystem::path& file, ErrorKind kind,
                      std::uint64_t max_bytes = std::numeric_limits<std::uint64_t>::max());

/// Creates the file, or replaces its contents and keeps its permissions. At any moment, and after
/// any crash, it has either all of the old contents or all of the new: they are written to
/// .NAME.PID.tmp beside it (which a killed process leaves), flushed to the disk and renamed. A
/// symlink to a file stays one. Throws Error(kOutput) if that fails, or if there is something other
/// than a file.
void write_file(const std::filesystem::path& file, std::string_view bytes);

/// What people often give in place of a data set, a model or a picture, by its first bytes, such as
/// "a PyTorch file (torch.save)". Empty for anything else.
std::string_view file_kind(std::string_view bytes);
std::string_view file_kind(InputFile& file);

/// Whether there is something with this path, as far as one can tell.
bool is_there(const std::filesystem::path& path);

/// The absolute path of a directory, without a slash at its end: its last part is its name. Throws
/// Error(kUsage) if the current directory has been removed.
std::filesystem::path directory_path(const std::filesystem::path& dir);

/// The path of a file for messages: absolute, if the current directory exists.
std::string full_name(const std::filesystem::path& file);

}  // namespace mnist
