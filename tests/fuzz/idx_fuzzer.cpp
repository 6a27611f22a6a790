// libFuzzer's entry for the readers of IDX files. See scripts/dev/fuzz.sh.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

#include "data/idx.h"
#include "mnist_train/error.h"

namespace {

/// A file in memory, since the readers take a path.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(memfd_create("idx", MFD_CLOEXEC)) {}

  void write(const std::uint8_t* data, std::size_t size) const {
    if (ftruncate(descriptor_, 0) != 0 ||
        pwrite(descriptor_, data, size, 0) != static_cast<ssize_t>(size)) {
      std::abort();
    }
  }

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

/// Calls a reader, which may refuse the file.
template <typename Reader>
void read(const Reader& reader) {
  try {
    reader();
  } catch (const mnist::Error& error) {
    if (error.kind() != mnist::ErrorKind::kData) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const MemoryFile file;
  static const std::string path = file.path();
  file.write(data, size);
  read([] { mnist::check_idx_images(path); });
  read([] { mnist::read_idx_images(path, std::numeric_limits<std::int64_t>::max()); });
  read([] { mnist::read_idx_labels(path); });
  read([] { mnist::read_idx_labels(path, mnist::LabelForm::kQmnist); });
  return 0;
}
