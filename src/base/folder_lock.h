#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/file.h"
#include "mnist_train/error.h"

namespace mnist {

/// Keeps every other run out of the folder, as long as what it returns is open. The lock is the
/// kernel's, so it ends with the process, however that ends. Where there are no locks, that is
/// noted in `caveats`. Throws Error(kUsage) if another run has the folder, else Error(kOutput).
inline Descriptor lock_folder(const std::filesystem::path& dir, std::vector<std::string>& caveats) {
  Descriptor folder(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.is_open() && ::flock(folder.get(), LOCK_EX | LOCK_NB) == 0) return folder;
  const int problem = errno;
  if (problem == EWOULDBLOCK) {
    fail(ExitCode::kUsage,
         "{}: expected a folder that no other run uses, found one in use; choose another with "
         "--out, or wait",
         dir.string());
  }
  if (!is_unsupported(problem)) {
    fail(ExitCode::kOutput, "{}: could not be locked: {}; choose another with --out", dir.string(),
         std::strerror(problem));
  }
  caveats.push_back(fmt::format(
      "{}: cannot be locked there ({}), so take care that no other run uses the same folder",
      dir.string(), std::strerror(problem)));
  return folder;
}

}  // namespace mnist
