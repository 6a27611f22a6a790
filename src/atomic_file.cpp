#include "mnist_train/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "mnist_train/error.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

/// A file descriptor that is closed when it leaves.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return number_; }

  /// Whether the file could be closed: some file systems report only then that the disk is full.
  bool close() {
    const int number = number_;
    number_ = -1;
    return ::close(number) == 0;
  }

 private:
  int number_;
};

bool write_all(int descriptor, const std::string& contents) {
  for (std::size_t done = 0; done < contents.size();) {
    const ssize_t count = ::write(descriptor, contents.data() + done, contents.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    done += static_cast<std::size_t>(count);
  }
  return ::fsync(descriptor) == 0;
}

bool write_file(const fs::path& file, const std::string& contents) {
  constexpr mode_t kAsUmaskSays = 0666;
  Descriptor descriptor(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kAsUmaskSays));
  return descriptor.get() >= 0 && write_all(descriptor.get(), contents) && descriptor.close();
}

/// Makes a rename in the folder outlast a crash. Not every file system can.
bool flush_folder(const fs::path& folder) {
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return descriptor.get() >= 0 && (::fsync(descriptor.get()) == 0 || errno == EINVAL);
}

/// Where the file is, behind links. Not a device or pipe, which renaming would replace by a file.
fs::path target_of(const fs::path& file) {
  std::error_code ignored;
  fs::path path = fs::weakly_canonical(fs::absolute(file), ignored);
  if (path.empty()) path = fs::absolute(file);
  if (!fs::exists(path, ignored) || fs::is_regular_file(path, ignored)) return path;
  throw Error(ExitCode::kOutput,
              path.string() + ": expected a file, found a folder or device; choose another name");
}

}  // namespace

void write_atomically(const fs::path& file, const std::string& contents) {
  const fs::path path = target_of(file);
  const fs::path folder = path.parent_path();
  // Not random: who was killed while writing leaves one file, which the next run takes over.
  const fs::path temporary = folder / ("." + path.filename().string() + ".tmp");
  if (write_file(temporary, contents) && ::rename(temporary.c_str(), path.c_str()) == 0 &&
      flush_folder(folder)) {
    return;
  }
  const std::string problem = std::strerror(errno);
  ::unlink(temporary.c_str());
  throw Error(ExitCode::kOutput, path.string() + ": could not be written: " + problem +
                                     "; make room, or choose another place");
}

}  // namespace mnist
