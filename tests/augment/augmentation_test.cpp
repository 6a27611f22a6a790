#include "augment/augmentation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "data/idx.h"
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
  const std::string python = MNIST_TRAIN_PYTHON;
  if (test::run({python, "-c", "import numpy"}).exit_code != 0) GTEST_SKIP() << "no NumPy";
  const std::string script = std::string(MNIST_TRAIN_SOURCE_DIR) + "/tests/augment/augment.py";
  AugmentOptions strong;
  strong.translate = 5.5;
  strong.degrees = 180;
  strong.scale = 0.5;
  strong.shear = 45;
  strong.stroke = 2;
  strong.alpha = 60;
  strong.sigma = 2.5;
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
      std::vector<std::string> command{python,
                                       script,
                                       (test::sample_dir() / "train-images-idx3-ubyte").string(),
                                       (dir / "augmented").string(),
                                       name_of(kind),
                                       std::to_string(kSeed),
                                       "3"};
      if (is_strong) command.insert(command.end(), strengths.begin(), strengths.end());
      const test::Outcome outcome = test::run(command);
      ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
      EXPECT_LE(std::stoi(outcome.out), kind == Augment::kShift ? 0 : 1)
          << name_of(kind) << " " << is_strong;
    }
  }
}

TEST(Augmentation, DependsOnSeedEpochAndIndexOnly) {
  const SparseImages images = sample(50);
  for (const Augment kind : kKinds) {
    AugmentOptions options;
    options.kind = kind;
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
  AugmentOptions options;
  options.kind = Augment::kElastic;
  Augmentation augmentation(options, kSeed);
  for (const std::int64_t epoch : {1, 2, 1}) {
    SparseImages result;
    augmentation.apply(images, first(20), epoch, 1, result);
    EXPECT_EQ(all_bytes(result), all_bytes(augment(images, options, first(20), epoch)));
  }
}

TEST(Augmentation, ListsPixelsAsTheSparseEngineNeedsThem) {
  const SparseImages images = sample(100);
  for (const Augment kind : kKinds) {
    AugmentOptions options;
    options.kind = kind;
    const SparseImages augmented = augment(images, options, first(100), 1, 2);
    ASSERT_EQ(augmented.size(), 100);
    ASSERT_EQ(augmented.begin.back(), augmented.pixels.size());
    ASSERT_EQ(augmented.values.size(), augmented.pixels.size());
    for (std::size_t i = 0; i < augmented.size(); ++i) {
      for (std::size_t e = augmented.begin[i]; e < augmented.begin[i + 1]; ++e) {
        EXPECT_LT(augmented.pixels[e], kPixels);
        EXPECT_GT(augmented.values[e], 0);
        const bool is_first = e == augmented.begin[i];
        EXPECT_TRUE(is_first || augmented.pixels[e - 1] < augmented.pixels[e]);
      }
    }
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

TEST(Augmentation, LosesWhatIsMovedOutOfTheImage) {
  SparseImages corner{{0, 1}, {0}, {255}};
  AugmentOptions options;
  options.kind = Augment::kShift;
  options.translate = 1.0;
  std::vector<std::int64_t> counts(kPixels + 1, 0);  // where the pixel has gone; the last: lost
  for (std::int64_t epoch = 1; epoch <= 9000; ++epoch) {
    const SparseImages shifted = augment(corner, options, {0}, epoch);
    ++counts[shifted.pixels.empty() ? kPixels : shifted.pixels.front()];
  }
  // Of nine moves four keep the pixel. The standard deviation of a count is 30, and 45 of the last.
  for (const std::size_t pixel : {0, 1, 28, 29}) EXPECT_NEAR(counts[pixel], 1000, 150);
  EXPECT_NEAR(counts[kPixels], 5000, 225);
}

// One pixel of gray 200: wider, its four neighbors have a part of it; narrower, it has lost the
// part.
TEST(Augmentation, MakesStrokesWiderOrNarrower) {
  constexpr std::int64_t kMiddle = 14 * kImageSide + 14;
  const SparseImages dot{{0, 1}, {static_cast<std::uint16_t>(kMiddle)}, {200}};
  AugmentOptions options;
  options.kind = Augment::kAffine;
  options.translate = 0.0;
  options.degrees = options.scale = options.shear = 0.0;
  options.stroke = 2.0;
  std::vector<std::int64_t> widths(401,
                                   0);  // counts of the gray levels gained (from 200 on) or lost
  for (std::int64_t epoch = 1; epoch <= 4000; ++epoch) {
    const std::string bytes = bytes_of(augment(dot, options, {0}, epoch), 0);
    const auto gray = [&](std::int64_t place) { return static_cast<unsigned char>(bytes[place]); };
    for (const std::int64_t place :
         {kMiddle - 1, kMiddle + 1, kMiddle - kImageSide, kMiddle + kImageSide}) {
      ASSERT_EQ(gray(place), gray(kMiddle - 1));
    }
    ASSERT_EQ(gray(kMiddle - kImageSide - 1), 0);
    ASSERT_TRUE(gray(kMiddle) == 200 || gray(kMiddle - 1) == 0);
    ++widths[gray(kMiddle) + gray(kMiddle - 1)];
  }
  // Evenly spread: 1,000 of 4,000 in each quarter, with a standard deviation of 27.
  for (const int quarter : {0, 1, 2, 3}) {
    const auto begin = widths.begin() + 100 * quarter;
    EXPECT_NEAR(std::accumulate(begin, begin + 100 + (quarter == 3 ? 1 : 0), 0), 1000, 130)
        << quarter;
  }
}

// The displacements of Simard et al. have the standard deviation of smoothed uniform noise, which
// is 1/sqrt(3) / (2 sigma sqrt(pi)) times alpha, and change slowly.
TEST(NoiseField, HasTheSizeAndSmoothnessOfSmoothedNoise) {
  const NoiseField field = make_noise_field(17, 4, {1, 1, 1});
  for (const auto* plane : {&field.dx, &field.dy}) {
    double squares = 0.0;
    double steps = 0.0;
    for (std::size_t i = 0; i + 1 < NoiseField::kSide * NoiseField::kSide; ++i) {
      const double pixels = (*plane)[i] / 1024.0;
      squares += pixels * pixels;
      if ((i + 1) % NoiseField::kSide != 0) {
        steps = std::max(steps, std::abs((*plane)[i + 1] / 1024.0 - pixels));
      }
    }
    EXPECT_NEAR(std::sqrt(squares / (256 * 256)), 17 / std::sqrt(3.0) / (8 * std::sqrt(M_PI)), 0.1);
    EXPECT_LT(steps, 1.0);
  }
}

}  // namespace
}  // namespace mnist
