#include "train/images.h"

#include <gtest/gtest.h>

#include "train/training.h"

namespace mnist {
namespace {

TEST(ToFloat, DividesEveryByteBy255) {
  const torch::Tensor floats = to_float(torch::arange(256).to(torch::kUInt8));
  ASSERT_EQ(floats.scalar_type(), torch::kFloat32);
  for (int byte = 0; byte < 256; ++byte) {
    EXPECT_EQ(floats[byte].item<float>(), static_cast<float>(byte) / 255.0F);
  }
}

TEST(ToDense, GivesBackWhatBecameSparse) {
  const Dataset data = test::noise(3);
  data.images[1].zero_();
  EXPECT_TRUE(torch::equal(to_dense(to_sparse(data.images)), data.images));
  const torch::Tensor every_other = data.images.slice(0, 0, 3, 2);
  EXPECT_TRUE(torch::equal(to_dense(to_sparse(every_other)), every_other));
}

}  // namespace
}  // namespace mnist
