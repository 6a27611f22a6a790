#include "augment/augmentation.h"

#include <hwy/targets.h>

#include <algorithm>
#include <numeric>

#include "data/idx.h"
#include "kernels/kernels.h"
#include "mnist_train/shape.h"
#include "support.h"

namespace mnist {
namespace {

constexpr std::int64_t kSeed = 5;
const std::vector<Augment> kKinds{Augment::kShift, Augment::kAffine, Augment::kElastic};

SparseImages sample(std::int64_t count) {
  const auto pixels = read_idx_images(test::sample_dir() / "train-images-idx3-ubyte", count);
  return compress(pixels.data(), static_cast<std::size_t>(count));
}

std::vector<std::int64_t> first(std::int64_t count) {
  std::vector<std::int64_t> indices(static_cast<std::size_t>(count));
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

AugmentOptions options_of(Augment kind) {
  AugmentOptions options;
  options.kind = kind;
  return options;
}

SparseImages augment(const SparseImages& images, const AugmentOptions& options,
                     const std::vector<std::int64_t>& indices, std::int64_t epoch = 1,
                     int threads = 1) {
  SparseImages result;
  Augmentation(options, kSeed).apply(images, indices, epoch, threads, result);
  return result;
}

/// The bytes of image `index`, [784].
std::string bytes_of(const SparseImages& images, std::size_t index) {
  std::string bytes(kPixels, '\0');
  for (std::size_t e = images.begin[index]; e < images.begin[index + 1]; ++e) {
    bytes[images.pixels[e]] = static_cast<char>(images.values[e]);
  }
  return bytes;
}

std::string all_bytes(const SparseImages& images) {
  std::string bytes;
  for (std::size_t i = 0; i < images.size(); ++i) bytes += bytes_of(images, i);
  return bytes;
}

std::string name_of(Augment kind) {
  return kind == Augment::kShift ? "shift" : kind == Augment::kAffine ? "affine" : "elastic";
}

TEST(Augmentation, IsThatOfAnIndependentImplementation) {
  if (test::run({MNIST_TRAIN_PYTHON, "-c", "import numpy"}).exit_code != 0)
    GTEST_SKIP() << "no NumPy";
  const AugmentOptions strong{.translate = 5.5,
                              .degrees = 180,
                              .scale = 0.5,
                              .shear = 45,
                              .stroke = 2,
                              .alpha = 60,
                              .sigma = 2.5};
  const std::vector<std::string> strengths{"translate=5.5", "degrees=180", "scale=0.5", "shear=45",
                                           "stroke=2",      "alpha=60",    "sigma=2.5"};
  constexpr std::int64_t kCount = 200;
  const SparseImages images = sample(kCount);
  for (const Augment kind : kKinds) {
    for (const bool is_strong : {false, true}) {
      const test::TempDir dir;
      AugmentOptions options = is_strong ? strong : AugmentOptions();
      options.kind = kind;
      test::write_file(dir / "augmented", all_bytes(augment(images, options, first(kCount), 3)));
      std::vector<std::string> arguments{test::sample_dir() / "train-images-idx3-ubyte",
                                         dir / "augmented", name_of(kind), std::to_string(kSeed),
                                         "3"};
      if (is_strong) arguments.insert(arguments.end(), strengths.begin(), strengths.end());
      const test::Outcome outcome = test::run_python("tests/augment/augment.py", arguments);
      ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
      EXPECT_LE(std::stoi(outcome.out), kind == Augment::kShift ? 0 : 1)
          << name_of(kind) << " " << is_strong;
    }
  }
}

TEST(Augmentation, DependsOnSeedEpochAndIndexOnly) {
  const SparseImages images = sample(50);
  for (const Augment kind : kKinds) {
    const AugmentOptions options = options_of(kind);
    const SparseImages all = augment(images, options, first(50), 2);
    for (const int threads : {1, 2, 3, 60}) {
      const SparseImages some = augment(images, options, {49, 7, 7, 0}, 2, threads);
      ASSERT_EQ(some.size(), 4);
      EXPECT_EQ(bytes_of(some, 0), bytes_of(all, 49));
      EXPECT_EQ(bytes_of(some, 1), bytes_of(all, 7));
      EXPECT_EQ(bytes_of(some, 2), bytes_of(all, 7));
      EXPECT_EQ(bytes_of(some, 3), bytes_of(all, 0));
    }
    EXPECT_NE(all_bytes(augment(images, options, first(50), 3)), all_bytes(all));
    SparseImages other_seed;
    Augmentation(options, kSeed + 1).apply(images, first(50), 2, 1, other_seed);
    EXPECT_NE(all_bytes(other_seed), all_bytes(all));
  }
}

// One field is kept for the epoch; a new epoch needs another, and an earlier one its own again.
TEST(Augmentation, GoesFromEpochToEpochAndBack) {
  const SparseImages images = sample(20);
  const AugmentOptions options = options_of(Augment::kElastic);
  Augmentation augmentation(options, kSeed);
  for (const std::int64_t epoch : {1, 2, 1}) {
    SparseImages result;
    augmentation.apply(images, first(20), epoch, 1, result);
    EXPECT_EQ(all_bytes(result), all_bytes(augment(images, options, first(20), epoch)));
  }
}

TEST(Augmentation, IsTheSameByEveryInstructionSet) {
  const SparseImages images = sample(1000);
  for (const Augment kind : kKinds) {
    const std::string expected = all_bytes(augment(images, options_of(kind), first(1000)));
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
      hwy::SetSupportedTargetsForTest(target);
      EXPECT_EQ(all_bytes(augment(images, options_of(kind), first(1000))), expected)
          << name_of(kind) << " on " << simd_target();
      hwy::SetSupportedTargetsForTest(0);
    }
  }
}

TEST(Augmentation, ListsPixelsAsCompressDoes) {
  for (const Augment kind : kKinds) {
    const SparseImages augmented = augment(sample(100), options_of(kind), first(100), 1, 2);
    const std::string bytes = all_bytes(augmented);
    const SparseImages expected =
        compress(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size() / kPixels);
    EXPECT_EQ(augmented.begin, expected.begin) << name_of(kind);
    EXPECT_EQ(augmented.pixels, expected.pixels) << name_of(kind);
    EXPECT_EQ(augmented.values, expected.values) << name_of(kind);
  }
}

TEST(Augmentation, ChangesNothingWithoutStrength) {
  SparseImages images = sample(20);
  images.begin.push_back(images.pixels.size());            // a black image
  for (std::size_t pixel = 0; pixel < kPixels; ++pixel) {  // and a full one
    images.pixels.push_back(static_cast<std::uint16_t>(pixel));
    images.values.push_back(static_cast<std::uint8_t>(1 + pixel % 255));
  }
  images.begin.push_back(images.pixels.size());
  AugmentOptions options;
  options.translate = 0.0;
  options.degrees = options.scale = options.shear = options.stroke = options.alpha = 0.0;
  for (const Augment kind : kKinds) {
    options.kind = kind;
    EXPECT_EQ(all_bytes(augment(images, options, first(22))), all_bytes(images)) << name_of(kind);
  }
}

}  // namespace
}  // namespace mnist
