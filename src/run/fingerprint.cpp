#include "run/fingerprint.h"

#include <fmt/format.h>
#include <sha2.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <new>

#include "mnist_train/shape.h"

namespace mnist {

std::string fingerprint(const Dataset& data) {
  constexpr std::uint64_t kOffsetBasis = 0xcbf29ce484222325;
  constexpr std::uint64_t kPrime = 0x100000001b3;
  std::uint64_t hash = kOffsetBasis;
  const auto labels = data.labels.accessor<std::int64_t, 1>();
  for (std::int64_t i = 0; i < labels.size(0); ++i) {
    hash = (hash ^ static_cast<std::uint64_t>(labels[i])) * kPrime;
  }
  // Eight bytes at a time. The shift carries differences down from the high bits, which a product
  // alone never does.
  const torch::Tensor images = data.images.contiguous();
  const auto* const bytes = images.data_ptr<std::uint8_t>();
  static_assert(kPixels % sizeof(std::uint64_t) == 0);
  for (std::int64_t i = 0; i < images.numel(); i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i, sizeof(word));
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 32;
  }
  return fmt::format("{:016x}", hash);
}

std::string model_sha256(const MlpImpl& model) {
  const std::string bytes = encode_model(model);
  std::array<char, SHA256_DIGEST_STRING_LENGTH> text{};
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (SHA256Data(data, bytes.size(), text.data()) == nullptr) throw std::bad_alloc();
  return text.data();
}

}  // namespace mnist
