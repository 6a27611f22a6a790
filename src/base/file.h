#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace mnist {

/// A file descriptor that is closed at the end of its scope; -1 is none.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }

  /// Returns false if closing failed: some file systems report a full disk only then.
  bool close();

 private:
  int number_;
};

/// What a file holds, or why it could not be read.
struct FileContents {
  std::string bytes;
  std::string problem;  ///< "No such file or directory"; empty if there is none
};

/// Reads a whole file. A directory, a device or a pipe, which might never end, is a problem, as is
/// a file of more than `max_bytes`.
FileContents read_file(const std::filesystem::path& file,
                       std::uintmax_t max_bytes = std::numeric_limits<std::uintmax_t>::max());

/// Creates the file, or replaces its contents and keeps its permissions. At any moment, and after
/// any crash, it has either all of the old contents or all of the new: they are written to
/// .NAME.PID.tmp beside it, flushed to the disk and renamed. A symlink stays one. Throws
/// Error(kOutput) if that fails, or if there is something other than a file.
void write_file(const std::filesystem::path& file, std::string_view bytes);

/// The absolute path of a directory, without a slash at its end: its last part is its name.
std::filesystem::path directory_path(const std::filesystem::path& dir);

/// The path of a file for messages: absolute, if the current directory exists.
std::string full_name(const std::filesystem::path& file);

}  // namespace mnist
