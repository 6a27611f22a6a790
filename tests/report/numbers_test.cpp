#include "report/numbers.h"

#include <cmath>
#include <limits>

#include "support.h"

namespace mnist {
namespace {

using testing::DoubleEq;

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
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(percent(0.9778), "97.78\u00a0%");
}

TEST(Duration, HasTheUnitsThatMatter) {
  EXPECT_EQ(duration_text(13.14), "13.1\u00a0s");
  EXPECT_EQ(duration_text(200), "3\u00a0min 20\u00a0s");
  EXPECT_EQ(duration_text(3960), "1\u00a0h 6\u00a0min");
}

TEST(PValue, HasTwoDigitsOrALimit) {
  EXPECT_EQ(p_text(1), "p = 1");
  EXPECT_EQ(p_text(0.4387), "p = 0.44");
  EXPECT_EQ(p_text(0.0117), "p = 0.012");
  EXPECT_EQ(p_text(0.001), "p = 0.001");
  EXPECT_EQ(p_text(0.00099), "p < 0.001");
  EXPECT_EQ(p_text(1e-6), "p < 0.001");
  EXPECT_EQ(p_text(9.9e-7), "p < 0.000001");
  EXPECT_EQ(p_text(0), "p < 0.000001");
}

TEST(LogTicks, AreOneTwoFiveOrPowersOfTenInAWideRange) {
  EXPECT_THAT(log_ticks(0.02, 0.5), ElementsAre(0.02, 0.05, 0.1, 0.2, 0.5));
  EXPECT_THAT(log_ticks(0.01, 0.9), ElementsAre(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1));
  EXPECT_THAT(log_ticks(9, 21), ElementsAre(5, 10, 20, 50));
  EXPECT_THAT(log_ticks(0.068, 0.075), ElementsAre(0.05, 0.1));
  EXPECT_THAT(log_ticks(1, 1), ElementsAre(1, 2));
  EXPECT_THAT(log_ticks(3e-5, 4), ElementsAre(DoubleEq(1e-5), DoubleEq(1e-4), DoubleEq(1e-3),
                                              DoubleEq(1e-2), 0.1, 1, 10));
}

TEST(LogTicks, AreFewInTheWidestRange) {
  const std::vector<double> ticks = log_ticks(1e-100, 1e100);
  EXPECT_LE(ticks.size(), 10U);
  EXPECT_LE(ticks.front(), 1e-100);
  EXPECT_GE(ticks.back(), 1e100);
}

TEST(WholeTicks, AreWholeAndInside) {
  EXPECT_THAT(whole_ticks(1, 5, 8), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(whole_ticks(1, 30, 8), ElementsAre(5, 10, 15, 20, 25, 30));
  EXPECT_THAT(whole_ticks(1, 1000, 8), ElementsAre(200, 400, 600, 800, 1000));
  EXPECT_THAT(whole_ticks(0.5, 1.5, 8), ElementsAre(1));
  EXPECT_THAT(whole_ticks(99, 100, 5), ElementsAre(99, 100));
  EXPECT_THAT(whole_ticks(35, 100, 5), ElementsAre(40, 60, 80, 100));
}

}  // namespace
}  // namespace mnist
