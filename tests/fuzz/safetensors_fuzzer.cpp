// libFuzzer's entry for the header of safetensors files. See scripts/dev/fuzz.sh. The data are not
// read here, since that needs LibTorch.
#include <cstdint>
#include <cstdlib>

#include "memory_file.h"
#include "mnist_train/error.h"
#include "model/safetensors_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const MemoryFile memory;
  memory.write(data, size);
  try {
    mnist::InputFile file(memory.path(), mnist::ErrorKind::kModel);
    const mnist::SafetensorsHeader header = mnist::read_header(file);
    std::uint64_t end = header.data_begin;
    for (const mnist::TensorInfo& tensor : header.tensors) end += tensor.end - tensor.begin;
    if (end != size) std::abort();
    mnist::order_parameters(header.tensors, "fuzz");
  } catch (const mnist::Error& error) {
    if (error.kind() != mnist::ErrorKind::kModel) std::abort();
  }
  return 0;
}
