#pragma once

#include <filesystem>
#include <string>

namespace mnist {

/// Replaces the file, or makes it, so that whoever looks, at any moment and after any crash, sees
/// all of the old contents or all of the new: written under a temporary name in the same folder,
/// flushed to the disk, renamed. Throws Error(kOutput) if any of that fails.
void write_atomically(const std::filesystem::path& file, const std::string& contents);

}  // namespace mnist
