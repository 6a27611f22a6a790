#include "sparse/images.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

// A white image and one whose pixels from 2 on have all values of a byte, in ascending order.
TEST(Compress, KeepsEveryValueOfAByteAndExpandGivesItBackAsAFloat) {
  std::vector<std::uint8_t> images(2 * kPixels, 0);
  std::fill_n(images.begin(), kPixels, std::uint8_t{255});
  std::iota(images.begin() + kPixels + 2, images.begin() + kPixels + 258, std::uint8_t{0});
  const SparseImages sparse = compress(images.data(), 2);
  EXPECT_EQ(sparse.begin, (std::vector<std::size_t>{0, kPixels, kPixels + 255}));
  std::vector<float> image(kPixels, 0.5F);
  expand(sparse, 1, image.data());
  for (std::size_t i = 0; i < kPixels; ++i) {
    EXPECT_EQ(image[i], static_cast<float>(images[kPixels + i]) / 255.0F);
  }
}

TEST(Examples, AreCutIntoBatchesOfWhichTheLastIsShorter) {
  const std::vector<std::uint8_t> images(3 * kPixels, 0);
  const SparseImages sparse = compress(images.data(), 3);
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
