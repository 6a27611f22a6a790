#include "run/fingerprint.h"

#include <sha2.h>
#include <torch/utils.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <new>

#include "base/fail.h"
#include "base/file.h"
#include "kernels/kernels.h"
#include "mnist_train/shape.h"
#include "mnist_train/train.h"

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

std::filesystem::path installed_sample() {
  namespace fs = std::filesystem;
  const fs::path dir =
      fs::read_symlink("/proc/self/exe").parent_path();  // PREFIX/bin, build/PRESET
  for (const char* place : {"../share/mnist-train/sample", "../../data/sample"}) {
    if (is_there(dir / place)) return (dir / place).lexically_normal();
  }
  return {};
}

std::string check_fingerprint(const std::filesystem::path& sample) {
  const DataSplits data{.train = load_split(sample, Split::kTrain)};
  const TrainingOptions options{.epochs = 1};
  torch::manual_seed(static_cast<std::uint64_t>(options.seed));
  const Mlp model(options.hidden);
  train(model, data, options, {.engine = EngineKind::kSparse});
  const std::string found = model_sha256(*model);
  if (found == kFingerprint) return found;
  fail(ErrorKind::kInternal, "expected {}, found {}{}", kFingerprint, found,
       has_fused_multiply_add() ? "" : ", as on CPUs without fused multiply-add");
}

}  // namespace mnist
