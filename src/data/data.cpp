#include "mnist_train/data.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/ranges.h>
#include <torch/data/datasets/mnist.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/fail.h"
#include "data/data_files.h"
#include "data/idx.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

Dataset load_canonical(const std::filesystem::path& dir, Split split) {
  using torch::data::datasets::MNIST;
  const MNIST mnist(dir.string(),
                    split == Split::kTrain ? MNIST::Mode::kTrain : MNIST::Mode::kTest);
  const torch::Tensor& images = mnist.images();  // float32, each pixel k/255
  return {images.mul_(255).round_().to(torch::kUInt8).view({-1, kPixels}), mnist.targets()};
}

Dataset load_any_size(const SplitFiles& files, std::vector<std::uint8_t> labels,
                      std::int64_t count) {
  std::vector<std::uint8_t> pixels = read_idx_images(files.images, count);
  torch::Tensor images =
      torch::from_blob(pixels.data(), {count, kImageSide, kImageSide}, torch::kUInt8);
  if (files.transposed) images = images.transpose(1, 2);
  const torch::Tensor targets = torch::from_blob(labels.data(), {count}, torch::kUInt8);
  return {images.clone(torch::MemoryFormat::Contiguous).view({count, kPixels}),
          targets.to(torch::kInt64)};
}

}  // namespace

Dataset load_split(const std::filesystem::path& dir, Split split,
                   std::optional<std::int64_t> limit) {
  const SplitFiles files = find_split_files(dir, split);
  const std::int64_t image_count = check_idx_images(files.images);
  std::vector<std::uint8_t> labels = read_idx_labels(files.labels, files.label_form);
  const auto label_count = static_cast<std::int64_t>(labels.size());
  if (image_count != label_count) {
    fail(ErrorKind::kData, "{}: expected {} labels, one for each image in {}, found {}",
         files.labels.string(), image_count, files.images.string(), label_count);
  }
  const std::int64_t count = std::min(image_count, limit.value_or(image_count));
  // LibTorch's reader takes these numbers of images only, and all of them.
  const bool is_canonical =
      files.for_libtorch && image_count == (split == Split::kTrain ? 60000 : 10000);
  if (is_canonical && count == image_count) return load_canonical(dir, split);
  return load_any_size(files, std::move(labels), count);
}

DataSplits load_data(const DataOptions& options) {
  const std::filesystem::path dir = find_data_dir(options.dir);
  const std::vector<std::string> missing = missing_files(dir, Split::kTest);
  if (!missing.empty() && options.validation == 0) {
    fail(ErrorKind::kData, "{}: expected a test set, found no {}; or hold out a validation set",
         dir.string(), fmt::join(missing, " and "));
  }
  const Dataset all = load_split(dir, Split::kTrain, options.train_limit);
  const std::int64_t count = all.size() - options.validation;
  if (count < 1) {
    fail(ErrorKind::kUsage, "validation: expected fewer than the {} training images, found {}",
         all.size(), options.validation);
  }
  return {dir.string(), all.slice(0, count), all.slice(count, all.size()),
          missing.empty() ? load_split(dir, Split::kTest, options.test_limit) : Dataset{}};
}

DataSplits load_data(const std::filesystem::path& dir) {
  return load_data(DataOptions{.dir = dir.string()});
}

torch::Tensor epoch_order(std::int64_t size, std::int64_t seed, std::int64_t epoch) {
  // The generator uses the low 32 bits of its seed only. A multiple of the epoch by an odd number
  // gives each epoch of a seed another one. Because this number comes from the golden ratio, the
  // orders of neighboring seeds differ, too (D. E. Knuth, TAOCP volume 3, section 6.4).
  constexpr std::uint64_t kGoldenRatio = 0x9E3779B1;
  const std::uint64_t mixed =
      static_cast<std::uint64_t>(seed) + static_cast<std::uint64_t>(epoch) * kGoldenRatio;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(mixed & 0xFFFFFFFF);
  return torch::randperm(size, generator, torch::kInt64);
}

}  // namespace mnist
