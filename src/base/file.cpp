#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/fail.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNotRegular = "not a regular file";

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// Flushes to the disk. Where the file system cannot, the file is as safe as it can be.
bool flush(int descriptor) {
  int result = -1;
  while ((result = ::fsync(descriptor)) < 0 && errno == EINTR) {
  }
  return result == 0 || errno == EINVAL || errno == ENOSYS || errno == ENOTSUP;
}

/// Writes a file under a temporary name, and renames it. Returns false, with errno, if that fails.
bool write_and_rename(const fs::path& path, const fs::path& temporary, const struct stat* replaced,
                      std::string_view bytes) {
  constexpr mode_t kReadWrite = 0666;  // less the umask
  constexpr mode_t kPermissions = 07777;
  Descriptor descriptor(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kReadWrite));
  if (!descriptor.is_open()) return false;
  // Some file systems have no permissions to set.
  if (replaced != nullptr) {
    static_cast<void>(::fchmod(descriptor.get(), replaced->st_mode & kPermissions));
  }
  return write_all(descriptor.get(), bytes) && flush(descriptor.get()) && descriptor.close() &&
         ::rename(temporary.c_str(), path.c_str()) == 0;
}

/// The file that is meant, behind symlinks.
fs::path target_of(const fs::path& file) {
  std::error_code ignored;
  const fs::path absolute = fs::absolute(file);
  fs::path target = fs::weakly_canonical(absolute, ignored);
  return target.empty() ? absolute : target;
}

}  // namespace

bool Descriptor::close() { return !is_open() || ::close(std::exchange(number_, -1)) == 0; }

FileContents read_file(const fs::path& file, std::uintmax_t max_bytes) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!descriptor.is_open() || ::fstat(descriptor.get(), &status) != 0) {
    return {"", std::strerror(errno)};
  }
  if (S_ISDIR(status.st_mode)) return {"", std::strerror(EISDIR)};
  if (!S_ISREG(status.st_mode)) return {"", kNotRegular};
  const auto expected = static_cast<std::size_t>(status.st_size);
  if (expected > max_bytes) return {"", "more than " + std::to_string(max_bytes) + " bytes"};
  std::string bytes(expected + 1, '\0');  // one more byte shows that this is the end
  std::size_t size = 0;
  for (;;) {
    const ssize_t count = ::read(descriptor.get(), bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return {"", std::strerror(errno)};
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
    if (size == bytes.size()) bytes.resize(2 * size);  // it grows, or is one of /proc
  }
  bytes.resize(size);
  return {std::move(bytes), ""};
}

void write_file(const fs::path& file, std::string_view bytes) {
  const fs::path path = target_of(file);
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    fail(ErrorKind::kOutput, "{}: could not be written: {}", path.string(),
         S_ISDIR(status.st_mode) ? std::strerror(EISDIR) : kNotRegular);
  }
  const fs::path temporary =
      path.parent_path() / fmt::format(".{}.{}.tmp", path.filename().string(), ::getpid());
  if (!write_and_rename(path, temporary, exists ? &status : nullptr, bytes)) {
    const int problem = errno;
    ::unlink(temporary.c_str());
    fail(ErrorKind::kOutput, "{}: could not be written: {}", path.string(), std::strerror(problem));
  }
  // So that the new name outlasts a crash; not all file systems can do that.
  const Descriptor directory(
      ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  static_cast<void>(::fsync(directory.get()));
}

fs::path directory_path(const fs::path& dir) {
  return fs::absolute(dir / "").lexically_normal().parent_path();
}

std::string full_name(const fs::path& file) {
  if (file.empty()) return "''";
  std::error_code ignored;
  const fs::path path = fs::absolute(file, ignored);
  return (path.empty() ? file : path.lexically_normal()).string();
}

}  // namespace mnist
