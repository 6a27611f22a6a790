#pragma once

#include <filesystem>
#include <string>

namespace mnist {

/// Replaces the file, or makes it, so that whoever looks, at any moment and after any crash, sees
/// all of the old contents or all of the new: written under a temporary name in the same folder,
/// flushed to the disk, renamed. For a folder that no one else writes to. Throws Error(kOutput) if
/// any of that fails, or if the file is a folder or device.
void write_atomically(const std::filesystem::path& file, const std::string& contents);

/// Whether there is no such file, or one with `mark` near its beginning: one of ours.
bool may_replace(const std::filesystem::path& file, const std::string& mark);

/// The same as write_atomically() in a folder of the user's: leaves a file that is not ours, and
/// throws Error(kOutput), which says that `kind` was expected. Keeps the permissions of one that
/// is.
void replace_own(const std::filesystem::path& file, const std::string& contents,
                 const std::string& mark, const std::string& kind);

}  // namespace mnist
