#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <new>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/descriptor.h"
#include "mnist_train/error.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

bool write_all(int descriptor, const std::string& contents) {
  for (std::size_t done = 0; done < contents.size();) {
    const ssize_t count = ::write(descriptor, contents.data() + done, contents.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    done += static_cast<std::size_t>(count);
  }
  return true;
}

/// Brings a file or folder to the disk. Where the file system cannot, that is noted in `unflushed`.
bool flush(const Descriptor& descriptor, std::string& unflushed) {
  int result = -1;
  while (descriptor.is_open() && (result = ::fsync(descriptor.get())) < 0 && errno == EINTR) {
  }
  if (result == 0) return true;
  const int problem = errno;
  if (!is_unsupported(problem)) return false;
  unflushed = std::strerror(problem);
  return true;
}

/// Makes a rename in the folder outlast a crash.
bool flush_folder(const fs::path& folder, std::string& unflushed) {
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return flush(descriptor, unflushed);
}

/// Where the file is, behind links. Not a device or pipe, which renaming would replace by a file.
fs::path target_of(const fs::path& file) {
  std::error_code ignored;
  fs::path path = fs::weakly_canonical(fs::absolute(file), ignored);
  if (path.empty()) path = fs::absolute(file);
  if (!fs::exists(path, ignored) || fs::is_regular_file(path, ignored)) return path;
  fail(ExitCode::kOutput, "{}: expected a file, found a folder or device; choose another name",
       path.string());
}

/// What to do about an error of writing.
const char* remedy(int problem) {
  if (problem == ENOSPC || problem == EDQUOT || problem == EFBIG) {
    return "make room, or choose another place";
  }
  return problem == EIO ? "check the disk, or choose another place" : "choose another place";
}

/// Writes all to the open file and gives it its name. Returns why it could not be flushed.
std::string finish(Descriptor descriptor, const fs::path& temporary, const fs::path& path,
                   const std::string& contents) {
  std::string unflushed;
  if (descriptor.is_open() && write_all(descriptor.get(), contents) &&
      flush(descriptor, unflushed) && descriptor.close() &&
      ::rename(temporary.c_str(), path.c_str()) == 0 &&
      flush_folder(path.parent_path(), unflushed)) {
    return unflushed;
  }
  const int problem = errno;
  ::unlink(temporary.c_str());
  fail(ExitCode::kOutput, "{}: could not be written: {}; {}", path.string(), std::strerror(problem),
       remedy(problem));
}

/// The permissions of the file, or those that a new one gets.
mode_t mode_for(const fs::path& path) {
  constexpr mode_t kAll = 0666;
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return status.st_mode & 07777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return kAll & ~mask;
}

}  // namespace

bool is_unsupported(int error) {
  // Network and FUSE file systems answer with all of these. EBADF is NFS's, which locks only what
  // is open for writing; EACCES is that of a folder which may be written to but not read.
  constexpr std::array kAnswers{EINVAL, ENOSYS, ENOTSUP, EOPNOTSUPP, ENOLCK,
                                ENOTTY, EPERM,  EACCES,  EBADF,      EISDIR};
  return std::find(kAnswers.begin(), kAnswers.end(), error) != kAnswers.end();
}

FileContents read_file(const fs::path& file, std::uintmax_t max_bytes) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (fs::is_directory(status)) return {"", "a folder"};
  if (fs::exists(status) && !fs::is_regular_file(status)) return {"", "a pipe or device"};
  if (std::string link = broken_link(file); !link.empty()) return {"", std::move(link)};
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return {"", std::strerror(errno)};
  if (fs::file_size(file, error) > max_bytes) {
    return {"", "more than " + std::to_string(max_bytes) + " bytes"};
  }
  std::ostringstream bytes;
  if (stream.peek() != std::ifstream::traits_type::eof()) bytes << stream.rdbuf();
  if (bytes.fail() && errno == ENOMEM) throw std::bad_alloc();  // which << has caught
  if (stream.bad() || bytes.fail()) return {"", std::strerror(errno)};
  return {bytes.str(), ""};
}

std::string broken_link(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type != fs::file_type::not_found || !fs::is_symlink(path, error)) return "";
  return "a link to " + fs::read_symlink(path, error).string() + ", which is not there";
}

fs::path folder_path(const fs::path& dir) {
  return fs::absolute(dir / "").lexically_normal().parent_path();
}

std::string full_name(const fs::path& file) {
  if (file.empty()) return "''";
  std::error_code ignored;
  const fs::path path = fs::absolute(file, ignored);
  return (path.empty() ? file : path.lexically_normal()).string();
}

std::string write_atomically(const fs::path& file, const std::string& contents) {
  const fs::path path = target_of(file);
  // Not random: who was killed while writing leaves one file, which the next run takes over.
  const fs::path temporary = path.parent_path() / ("." + path.filename().string() + ".tmp");
  constexpr mode_t kAsUmaskSays = 0666;
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
  return finish(Descriptor(::open(temporary.c_str(), kFlags, kAsUmaskSays)), temporary, path,
                contents);
}

bool may_replace(const fs::path& file, const std::string& mark) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return true;
  constexpr std::size_t kHeadBytes = 1024;
  std::string head(kHeadBytes, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(in.gcount()));
  return head.find(mark) != std::string::npos;
}

void replace_own(const fs::path& file, const std::string& contents, const std::string& mark,
                 const std::string& kind) {
  const fs::path path = target_of(file);
  if (!may_replace(path, mark)) {
    fail(ExitCode::kOutput, "{}: expected {} to replace, found another file; choose another name",
         path.string(), kind);
  }
  std::string temporary =
      (path.parent_path() / ("." + path.filename().string() + ".XXXXXX")).string();
  const mode_t mode = mode_for(path);
  Descriptor descriptor(::mkostemp(temporary.data(), O_CLOEXEC));
  if (descriptor.is_open()) static_cast<void>(::fchmod(descriptor.get(), mode));
  finish(std::move(descriptor), temporary, path, contents);
}

}  // namespace mnist
