#include "train/images.h"

#include "train/training.h"

namespace mnist {
namespace {

TEST(Images, AreTheSameAsBytesAsFloatsAndInTheSparseForm) {
  torch::Tensor images = torch::zeros({3, kPixels}, torch::kUInt8);  // the second one stays black
  images[0].fill_(255);
  images[2].slice(0, 2, 258).copy_(torch::arange(256));  // all values of a byte
  const SparseImages sparse = to_sparse(images);
  EXPECT_EQ(sparse.begin, (std::vector<std::size_t>{0, kPixels, kPixels, kPixels + 255}));
  EXPECT_TRUE(torch::equal(to_dense(sparse), images));
  const torch::Tensor every_other = images.slice(0, 0, 3, 2);
  EXPECT_TRUE(torch::equal(to_dense(to_sparse(every_other)), every_other));

  const torch::Tensor floats = to_float(images);
  torch::Tensor expanded = torch::full({kPixels}, 0.5F);
  expand(sparse, 2, expanded.data_ptr<float>());
  EXPECT_TRUE(torch::equal(expanded, floats[2]));
  for (int byte = 0; byte < 256; ++byte) {
    EXPECT_EQ(floats[2][2 + byte].item<float>(), static_cast<float>(byte) / 255.0F);
  }
}

}  // namespace
}  // namespace mnist
