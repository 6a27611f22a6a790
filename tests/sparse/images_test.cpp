#include "sparse/images.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

/// The pixels 2 to 257 have all values of a byte, in ascending order.
std::vector<float> image_of_all_values() {
  std::vector<float> image(kPixels, 0.0F);
  for (int value = 0; value < 256; ++value) image[value + 2] = static_cast<float>(value) / 255.0F;
  return image;
}

TEST(Compress, KeepsEveryValueOfAByte) {
  const auto sparse = compress(image_of_all_values().data(), 1);
  ASSERT_TRUE(sparse.has_value());
  EXPECT_EQ(sparse->size(), 1);
  ASSERT_EQ(sparse->begin, (std::vector<std::size_t>{0, 255}));
  for (int value = 1; value < 256; ++value) {
    EXPECT_EQ(sparse->pixels[value - 1], value + 2);
    EXPECT_EQ(sparse->values[value - 1], value);
  }
}

TEST(Expand, GivesTheImageBack) {
  std::vector<float> images(kPixels, 1.0F);
  const std::vector<float> second = image_of_all_values();
  images.insert(images.end(), second.begin(), second.end());
  std::vector<float> image(kPixels, 0.5F);
  expand(compress(images.data(), 2).value(), 1, image.data());
  EXPECT_EQ(image, second);
}

TEST(Examples, AreCutIntoBatchesOfWhichTheLastIsShorter) {
  const std::vector<float> images(3 * kPixels, 0.0F);
  const SparseImages sparse = compress(images.data(), 3).value();
  const std::vector<std::int64_t> labels{7, 8, 9};
  const std::vector<std::int64_t> indices{2, 0, 1};
  const Examples epoch{sparse, labels, indices};
  ASSERT_EQ(epoch.batch(0, 2).size(), 2);
  EXPECT_EQ(epoch.batch(0, 2).label(0), 9);
  EXPECT_EQ(epoch.batch(0, 2).label(1), 7);
  ASSERT_EQ(epoch.batch(2, 2).size(), 1);
  EXPECT_EQ(epoch.batch(2, 2).label(0), 8);
}

}  // namespace
}  // namespace mnist
