#include "mnist_train/data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <filesystem>

#include "mnist_train/error.h"
#include "mnist_train/shape.h"
#include "support.h"

namespace mnist {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Dataset, HoldsPixelsFromZeroToOneAndLabels) {
  const test::TempDir dir;
  test::write_data_set(dir.path(), 12, 3);
  const Dataset train = load_split(dir.path(), Split::kTrain);
  EXPECT_EQ(train.size(), 12);
  EXPECT_EQ(train.images.sizes(), (torch::IntArrayRef{12, kPixels}));
  EXPECT_EQ(train.images.scalar_type(), torch::kFloat32);
  EXPECT_EQ(train.labels.scalar_type(), torch::kInt64);
  EXPECT_EQ(train.images[0][0].item<float>(), 240.0F / 255.0F);
  EXPECT_EQ(train.images[0][5].item<float>(), 0.0F);
  EXPECT_EQ(train.images[1][5].item<float>(), 240.0F / 255.0F);
  EXPECT_EQ(train.labels[11].item<std::int64_t>(), 1);
  EXPECT_EQ(load_split(dir.path(), Split::kTest).size(), 3);
}

TEST(Dataset, UsesAtMostTheLimit) {
  const test::TempDir dir;
  test::write_data_set(dir.path(), 12, 3);
  EXPECT_EQ(load_split(dir.path(), Split::kTrain, 5).images.size(0), 5);
  EXPECT_EQ(load_split(dir.path(), Split::kTrain, 100).size(), 12);
}

TEST(Dataset, RefusesImagesAndLabelsThatDifferInCount) {
  const test::TempDir dir;
  test::write_data_set(dir.path(), 3, 3);
  test::write_file(dir / "train-labels-idx1-ubyte", test::idx_labels(2, "\x01\x02"));
  try {
    load_split(dir.path(), Split::kTrain);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kData);
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr((dir / "train-labels-idx1-ubyte: expected 3 labels").string()),
                      HasSubstr("found 2")));
  }
}

/// A file of one image with a bright pixel in the third row and the sixth column.
std::string image_with_a_mark() {
  std::string pixels(kPixels, '\0');
  pixels[2 * kImageSide + 5] = '\xff';
  return test::idx_images(1, pixels);
}

TEST(Dataset, TurnsTheTransposedImagesOfEmnistUpright) {
  const test::TempDir dir;
  test::write_file(dir / "emnist-digits-test-images-idx3-ubyte", image_with_a_mark());
  test::write_file(dir / "emnist-digits-test-labels-idx1-ubyte", test::idx_labels(1, "\x07"));
  const Dataset test = load_split(dir.path(), Split::kTest);
  EXPECT_EQ(test.images[0][5 * kImageSide + 2].item<float>(), 1.0F);
  EXPECT_EQ(test.images.sum().item<float>(), 1.0F);
  EXPECT_EQ(test.labels[0].item<std::int64_t>(), 7);
}

TEST(Dataset, TakesTheDigitFromTheLabelsOfQmnist) {
  const test::TempDir dir;
  std::string rows = test::big_endian(0x0c02) + test::big_endian(2) + test::big_endian(8);
  for (const std::uint32_t number : {3, 0, 5, 9, 9, 1, 2, 0, 8, 4, 4, 4, 4, 4, 4, 4}) {
    rows += test::big_endian(number);
  }
  test::write_file(dir / "qmnist-train-images-idx3-ubyte",
                   test::idx_images(2, std::string(2 * kPixels, '\x01')));
  test::write_file(dir / "qmnist-train-labels-idx2-int", rows);
  const Dataset train = load_split(dir.path(), Split::kTrain);
  EXPECT_TRUE(torch::equal(train.labels, torch::tensor({3, 8})));
}

TEST(LoadData, NeedsTestImagesOrValidationImages) {
  const test::TempDir dir;
  test::write_data_set(dir.path(), 12, 3);
  DataOptions options;
  options.dir = dir.path().string();
  const auto error = [&]() -> std::string {
    try {
      load_data(options);
    } catch (const Error& problem) {
      EXPECT_EQ(problem.code(), ExitCode::kData);
      return problem.what();
    }
    return "no error";
  };
  std::filesystem::remove(dir / "t10k-images-idx3-ubyte");
  EXPECT_THAT(error(), AllOf(HasSubstr("found no t10k-images-idx3-ubyte; put"),
                             HasSubstr("or hold out training images in their place with --val")));
  options.validation = 4;
  const DataSplits data = load_data(options);
  EXPECT_EQ(data.train.size(), 8);
  EXPECT_EQ(data.validation.size(), 4);
  EXPECT_EQ(data.test.size(), 0);
}

TEST(Dataset, ReadsTheSampleInTheRepository) {
  EXPECT_EQ(load_split(test::sample_dir(), Split::kTrain).size(), 1000);
  EXPECT_EQ(load_split(test::sample_dir(), Split::kTest).size(), 500);
}

TEST(EpochOrder, IsAPermutation) {
  const torch::Tensor order = epoch_order(1000, 1, 1);
  EXPECT_TRUE(torch::equal(std::get<0>(order.sort()), torch::arange(1000)));
  EXPECT_FALSE(torch::equal(order, torch::arange(1000)));
}

TEST(EpochOrder, DependsOnSeedAndEpochOnly) {
  const torch::Tensor order = epoch_order(1000, 7, 3);
  torch::rand({10});
  EXPECT_TRUE(torch::equal(order, epoch_order(1000, 7, 3)));
  EXPECT_FALSE(torch::equal(order, epoch_order(1000, 7, 4)));
  EXPECT_FALSE(torch::equal(order, epoch_order(1000, 8, 3)));
  EXPECT_FALSE(torch::equal(order, epoch_order(1000, 3, 7)));
}

TEST(EpochOrder, LeavesTheGlobalGeneratorAlone) {
  torch::manual_seed(5);
  const torch::Tensor expected = torch::rand({10});
  torch::manual_seed(5);
  epoch_order(1000, 1, 1);
  EXPECT_TRUE(torch::equal(torch::rand({10}), expected));
}

}  // namespace
}  // namespace mnist
