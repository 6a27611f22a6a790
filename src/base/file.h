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

/// "a link to /x, which is not there"; empty if it is no such link.
std::string broken_link(const std::filesystem::path& path);

/// The absolute path of a folder, without a slash at its end: its last part is the folder's name.
std::filesystem::path folder_path(const std::filesystem::path& dir);

/// The path of a file for messages: from the root, if it has one.
std::string full_name(const std::filesystem::path& file);

/// Replaces the file, or makes it, so that whoever looks, at any moment and after any crash, sees
/// all of the old contents or all of the new: written under a temporary name in the same folder,
/// flushed to the disk, renamed. For a folder that no one else writes to. Some file systems cannot
/// flush; then "any crash" is true of the program but not of the machine. Returns why they cannot;
/// empty if they can. Throws Error(kOutput) if any of the rest fails, or if the file is a folder or
/// device.
std::string write_atomically(const std::filesystem::path& file, const std::string& contents);

/// Whether an error number of fsync() or flock() says that the file system does not do such things,
/// and not that something went wrong.
bool is_unsupported(int error);

/// Whether there is no such file, or one with `mark` near its beginning: one of ours.
bool may_replace(const std::filesystem::path& file, const std::string& mark);

/// The same as write_atomically() in a folder of the user's: leaves a file that is not ours, and
/// throws Error(kOutput), which says that `kind` was expected. Keeps the permissions of one that
/// is.
void replace_own(const std::filesystem::path& file, const std::string& contents,
                 const std::string& mark, const std::string& kind);

}  // namespace mnist
