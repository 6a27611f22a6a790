#include "report/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mnist {
namespace {

TEST(Numbers, AreShownShort) {
  EXPECT_EQ(fixed(3.14159, 2), "3.14");
  EXPECT_EQ(fixed(1e308, 1).size(), 311U);
  EXPECT_EQ(rounded(0.0763251, 4), "0.07633");
  EXPECT_EQ(rounded(1e-5, 6), "1e-05");
  EXPECT_EQ(rounded(std::nan(""), 4), "not finite");
  EXPECT_EQ(fixed(std::numeric_limits<double>::infinity(), 1), "not finite");
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(10000), "10,000");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(grouped(-123), "-123");
  EXPECT_EQ(count_of(1, "epoch"), "1 epoch");
  EXPECT_EQ(count_of(60000, "image"), "60,000 images");
  EXPECT_EQ(percent(0.9778), "97.78\u00a0%");
}

TEST(Duration, HasTheUnitsThatMatter) {
  EXPECT_EQ(duration_text(13.14), "13.1\u00a0s");
  EXPECT_EQ(duration_text(200), "3\u00a0min 20\u00a0s");
  EXPECT_EQ(duration_text(3960), "1\u00a0h 6\u00a0min");
}

}  // namespace
}  // namespace mnist
