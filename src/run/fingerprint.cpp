#include "run/fingerprint.h"

#include <sha2.h>

#include <array>
#include <cstdint>
#include <new>

#include "mnist_train/model_file.h"

namespace mnist {

std::string model_sha256(const MlpImpl& model) {
  const std::string bytes = encode_model(model);
  std::array<char, SHA256_DIGEST_STRING_LENGTH> text{};
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (SHA256Data(data, bytes.size(), text.data()) == nullptr) throw std::bad_alloc();
  return text.data();
}

}  // namespace mnist
