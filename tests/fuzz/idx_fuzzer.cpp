// libFuzzer's entry for the readers of IDX files. See scripts/dev/fuzz.sh.
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "data/idx.h"
#include "memory_file.h"
#include "mnist_train/error.h"

namespace {

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
  const std::string path = file.path();
  file.write(data, size);
  read([&] { mnist::check_idx_images(path); });
  read([&] { mnist::read_idx_images(path, std::numeric_limits<std::int64_t>::max()); });
  read([&] { mnist::read_idx_labels(path); });
  read([&] { mnist::read_idx_labels(path, mnist::LabelForm::kQmnist); });
  return 0;
}
