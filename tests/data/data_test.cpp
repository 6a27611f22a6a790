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
