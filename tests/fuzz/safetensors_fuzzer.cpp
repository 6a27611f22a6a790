// libFuzzer's entry for the reader of safetensors files. See scripts/dev/fuzz.sh.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "mnist_train/error.h"
#include "model/layer_names.h"
#include "model/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    mnist::TensorFile file = mnist::decode_safetensors(bytes, {"fuzz"});
    // What has been accepted survives being written and read again.
    const std::string written = mnist::encode_safetensors(file);
    if (mnist::encode_safetensors(mnist::decode_safetensors(written, {"again"})) != written) {
      std::abort();
    }
    mnist::name_layers(file);
  } catch (const mnist::Error& error) {
    if (error.code() != mnist::ExitCode::kModel) std::abort();
  }
  return 0;
}
