#include "mnist_train/data.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/data/datasets/mnist.h>
#include <torch/types.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "data/idx.h"
#include "mnist_train/error.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

/// Whether LibTorch's own reader accepts the split: it takes only MNIST's own sizes, under the
/// usual names.
bool is_canonical(const SplitFiles& files, Split split, std::int64_t count) {
  constexpr std::int64_t kTrainCount = 60000;
  constexpr std::int64_t kTestCount = 10000;
  const bool usual_names = files.images.filename().string().find('.') == std::string::npos &&
                           files.labels.filename().string().find('.') == std::string::npos;
  return usual_names && count == (split == Split::kTrain ? kTrainCount : kTestCount);
}

Dataset load_canonical(const std::filesystem::path& dir, Split split, std::int64_t count) {
  using torch::data::datasets::MNIST;
  const MNIST mnist(dir.string(),
                    split == Split::kTrain ? MNIST::Mode::kTrain : MNIST::Mode::kTest);
  return {mnist.images().view({-1, kPixels}).slice(0, 0, count),
          mnist.targets().slice(0, 0, count)};
}

Dataset load_any_size(const SplitFiles& files, std::vector<std::uint8_t> labels,
                      std::int64_t count) {
  std::vector<std::uint8_t> pixels = read_idx_images(files.images, count);
  const torch::Tensor bytes = torch::from_blob(pixels.data(), {count, kPixels}, torch::kUInt8);
  const torch::Tensor targets = torch::from_blob(labels.data(), {count}, torch::kUInt8);
  return {bytes.to(torch::kFloat32).div_(255), targets.to(torch::kInt64)};
}

}  // namespace

std::shared_ptr<const SparseImages> sparse_form(const Dataset& data) {
  if (data.sparse) return data.sparse;
  const torch::Tensor images = data.images.contiguous();
  std::optional<SparseImages> sparse =
      compress(images.data_ptr<float>(), static_cast<std::size_t>(data.size()));
  return sparse ? std::make_shared<const SparseImages>(*std::move(sparse)) : nullptr;
}

Dataset load_split(const std::filesystem::path& dir, Split split,
                   std::optional<std::int64_t> limit) {
  const SplitFiles files = find_split_files(dir, split);
  const std::int64_t image_count = check_idx_images(files.images);
  std::vector<std::uint8_t> labels = read_idx_labels(files.labels);
  const auto label_count = static_cast<std::int64_t>(labels.size());
  if (image_count != label_count) {
    throw Error(ExitCode::kData, files.labels.string() + ": expected " +
                                     std::to_string(image_count) +
                                     " labels, one for each image in " + files.images.string() +
                                     ", found " + std::to_string(label_count) +
                                     "; take both files from the same set, or fetch them with: "
                                     "scripts/fetch_mnist.sh");
  }
  const std::int64_t count = std::min(image_count, limit.value_or(image_count));
  if (is_canonical(files, split, image_count)) return load_canonical(dir, split, count);
  return load_any_size(files, std::move(labels), count);
}

DataSplits load_data(const DataOptions& options) {
  const std::filesystem::path dir = find_data_dir(options.dir);
  const Dataset all = load_split(dir, Split::kTrain, options.train_limit);
  const std::int64_t count = all.size() - options.validation;
  if (count < 1) {
    throw Error(ExitCode::kUsage, "--validation: expected fewer than the " +
                                      std::to_string(all.size()) + " training images, found " +
                                      std::to_string(options.validation) + "; hold out fewer");
  }
  // A copy, so that it does not keep all training images alive.
  const Dataset validation{all.images.slice(0, count).clone(), all.labels.slice(0, count).clone()};
  return {dir.string(),
          {all.images.slice(0, 0, count), all.labels.slice(0, 0, count)},
          validation,
          load_split(dir, Split::kTest, options.test_limit)};
}

std::uint64_t fingerprint(const torch::Tensor& labels) {
  constexpr std::uint64_t kOffsetBasis = 0xcbf29ce484222325;
  constexpr std::uint64_t kPrime = 0x100000001b3;
  std::uint64_t hash = kOffsetBasis;
  const auto digits = labels.accessor<std::int64_t, 1>();
  for (std::int64_t i = 0; i < digits.size(0); ++i) {
    hash = (hash ^ static_cast<std::uint64_t>(digits[i])) * kPrime;
  }
  return hash;
}

std::uint64_t fingerprint(const Dataset& data) {
  constexpr std::uint64_t kPrime = 0x100000001b3;
  std::uint64_t hash = fingerprint(data.labels);
  for (const torch::Tensor& slice : data.images.split(1000)) {  // which fits the cache
    const torch::Tensor bytes = slice.mul(255).round_().to(torch::kUInt8).contiguous();
    // FNV-1a on eight bytes at a time. The shift carries differences down from the high bits, which
    // a product alone never does.
    const auto* const words = static_cast<const char*>(bytes.data_ptr());
    static_assert(kPixels % sizeof(std::uint64_t) == 0);
    for (std::int64_t i = 0; i < bytes.numel(); i += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, words + i, sizeof(word));
      hash = (hash ^ word) * kPrime;
      hash ^= hash >> 32;
    }
  }
  return hash;
}

torch::Tensor epoch_order(std::int64_t size, std::int64_t seed, std::int64_t epoch) {
  // The generator uses the low 32 bits of its seed. An odd multiple of the epoch keeps the orders
  // of one seed apart, and the golden ratio's those of neighbouring seeds (Knuth, TAOCP 3, 6.4).
  constexpr std::uint64_t kGoldenRatio = 0x9E3779B1;
  const std::uint64_t mixed =
      static_cast<std::uint64_t>(seed) + static_cast<std::uint64_t>(epoch) * kGoldenRatio;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(mixed & 0xFFFFFFFF);
  return torch::randperm(size, generator, torch::kInt64);
}

}  // namespace mnist
