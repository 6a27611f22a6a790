#include "mnist_train/data.h"

#include <torch/data/datasets/mnist.h>
#include <torch/utils.h>

#include <tuple>

#include "data/data_files.h"
#include "mnist_train/shape.h"
#include "support.h"
#include "train/images.h"

namespace mnist {
namespace {

TEST(Dataset, HoldsPixelsAndLabelsUpToTheLimit) {
  const test::TempDir dir;
  test::write_data_set(dir.path(), 12, 3);
  const Dataset train = load_split(dir.path(), Split::kTrain);
  EXPECT_EQ(train.size(), 12);
  EXPECT_EQ(train.images.sizes(), (torch::IntArrayRef{12, kPixels}));
  EXPECT_EQ(train.images[0][0].item<std::uint8_t>(), 240);
  EXPECT_EQ(train.images[1][5].item<std::uint8_t>(), 240);
  EXPECT_EQ(train.labels[11].item<std::int64_t>(), 1);
  EXPECT_EQ(load_split(dir.path(), Split::kTest).size(), 3);
  EXPECT_EQ(load_split(dir.path(), Split::kTrain, 5).images.size(0), 5);
  EXPECT_EQ(load_split(dir.path(), Split::kTrain, 100).size(), 12);
}

// 10,000 test images under MNIST's names are read by LibTorch's reader.
TEST(Dataset, IsTheSameByLibTorchsReaderAndByOurs) {
  constexpr std::int64_t kCount = 10000;
  const test::TempDir dir;
  const torch::Tensor images = torch::randint(0, 256, {kCount, kPixels}, torch::kUInt8);
  const torch::Tensor labels = torch::randint(0, 10, {kCount}, torch::kUInt8);
  const auto bytes_of = [](const torch::Tensor& tensor) {
    return std::string(static_cast<const char*>(tensor.data_ptr()), tensor.nbytes());
  };
  test::write_file(dir / "t10k-images-idx3-ubyte", test::idx_images(kCount, bytes_of(images)));
  test::write_file(dir / "t10k-labels-idx1-ubyte", test::idx_labels(kCount, bytes_of(labels)));
  ASSERT_TRUE(find_split_files(dir.path(), Split::kTest).for_libtorch);
  const Dataset theirs = load_split(dir.path(), Split::kTest);
  EXPECT_TRUE(torch::equal(theirs.images, images));
  EXPECT_EQ(theirs.labels.scalar_type(), torch::kInt64);
  EXPECT_TRUE(torch::equal(theirs.labels, labels.to(torch::kInt64)));
  const torch::data::datasets::MNIST as_floats(dir.path().string(),
                                               torch::data::datasets::MNIST::Mode::kTest);
  EXPECT_TRUE(torch::equal(to_float(theirs.images), as_floats.images().view({-1, kPixels})));

  std::filesystem::rename(dir / "t10k-images-idx3-ubyte", dir / "t10k-images.idx3-ubyte");
  const Dataset ours = load_split(dir.path(), Split::kTest);
  EXPECT_TRUE(torch::equal(ours.images, images));
  EXPECT_TRUE(torch::equal(ours.labels, theirs.labels));
}

TEST(Dataset, RefusesImagesAndLabelsThatDifferInCount) {
  const test::TempDir dir;
  test::write_data_set(dir.path(), 3, 3);
  test::write_file(dir / "train-labels-idx1-ubyte", test::idx_labels(2, "\x01\x02"));
  EXPECT_EQ(test::error_of(ErrorKind::kData, [&] { load_split(dir.path(), Split::kTrain); }),
            (dir / "train-labels-idx1-ubyte").string() +
                ": expected 3 labels, one for each image in " +
                (dir / "train-images-idx3-ubyte").string() + ", found 2");
}

TEST(Dataset, TurnsTheTransposedImagesOfEmnistUpright) {
  const test::TempDir dir;
  std::string pixels(kPixels, '\0');
  pixels[2 * kImageSide + 5] = '\xff';
  test::write_file(dir / "emnist-digits-test-images-idx3-ubyte", test::idx_images(1, pixels));
  test::write_file(dir / "emnist-digits-test-labels-idx1-ubyte", test::idx_labels(1, "\x07"));
  const Dataset test = load_split(dir.path(), Split::kTest);
  EXPECT_EQ(test.images[0][5 * kImageSide + 2].item<int>(), 255);
  EXPECT_EQ(test.images.sum().item<int>(), 255);
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

TEST(LoadData, HoldsOutTheLastTrainingImages) {
  const test::TempDir dir;
  test::write_data_set(dir.path(), 12, 3);
  EXPECT_EQ(load_data(dir.path()).train.size(), 12);
  const DataSplits data = load_data({.dir = dir.path().string(), .validation = 4});
  EXPECT_EQ(data.dir, dir.path().string());
  EXPECT_TRUE(torch::equal(data.train.labels, torch::tensor({0, 1, 2, 3, 4, 5, 6, 7})));
  EXPECT_TRUE(torch::equal(data.validation.labels, torch::tensor({8, 9, 0, 1})));
  EXPECT_EQ(data.test.size(), 3);
  EXPECT_EQ(test::error_of(ErrorKind::kUsage,
                           [&] { load_data({.dir = dir.path().string(), .validation = 12}); }),
            "validation: expected fewer than the 12 training images, found 12");
}

TEST(LoadData, NeedsTestImagesOrValidationImages) {
  const test::TempDir dir;
  test::write_data_set(dir.path(), 12, 3);
  std::filesystem::remove(dir / "t10k-images-idx3-ubyte");
  EXPECT_EQ(test::error_of(ErrorKind::kData, [&] { load_data(dir.path()); }),
            dir.path().string() +
                ": expected a test set, found no t10k-images-idx3-ubyte; or hold out a validation "
                "set");
  EXPECT_EQ(load_data({.dir = dir.path().string(), .validation = 4}).test.size(), 0);
}

TEST(EpochOrder, IsAPermutationThatDependsOnSeedAndEpochOnly) {
  const torch::Tensor order = epoch_order(1000, 7, 3);
  EXPECT_TRUE(torch::equal(std::get<0>(order.sort()), torch::arange(1000)));
  EXPECT_TRUE(torch::equal(order, epoch_order(1000, 7, 3)));
  for (const auto& [seed, epoch] : {std::pair(7, 4), std::pair(8, 3), std::pair(3, 7)}) {
    EXPECT_FALSE(torch::equal(order, epoch_order(1000, seed, epoch)));
  }
  torch::manual_seed(5);
  const torch::Tensor expected = torch::rand({10});
  torch::manual_seed(5);
  epoch_order(1000, 1, 1);
  EXPECT_TRUE(torch::equal(torch::rand({10}), expected));  // it has a generator of its own
}

}  // namespace
}  // namespace mnist
