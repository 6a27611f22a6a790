#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/numbers.h"

namespace mnist {
namespace {

using testing::ElementsAre;

TEST(LogTicks, AreOneTwoFive) {
  EXPECT_THAT(log_ticks(0.183, 0.864), ElementsAre(0.1, 0.2, 0.5, 1));
  EXPECT_THAT(log_ticks(0.02, 0.5), ElementsAre(0.02, 0.05, 0.1, 0.2, 0.5));
  EXPECT_THAT(log_ticks(9, 21), ElementsAre(5, 10, 20, 50));
}

TEST(LogTicks, AreThePowersOfTenInAWideRange) {
  EXPECT_THAT(log_ticks(3e-5, 4), ElementsAre(1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10));
}

TEST(LogTicks, AreFewInTheWidestRange) {
  const std::vector<double> ticks = log_ticks(1e-300, 1e300);
  EXPECT_LE(ticks.size(), 12U);
  EXPECT_LE(ticks.front(), 1e-300);
  EXPECT_GE(ticks.back(), 1e300);
}

TEST(LogTicks, AreEvenInANarrowRange) {
  EXPECT_THAT(log_ticks(0.1712, 0.1758), ElementsAre(0.171, 0.172, 0.173, 0.174, 0.175, 0.176));
  EXPECT_THAT(log_ticks(0.51, 0.99), ElementsAre(0.5, 0.6, 0.7, 0.8, 0.9, 1));
}

TEST(LogTicks, GiveASingleValueSomeRoom) {
  EXPECT_THAT(log_ticks(0.3, 0.3), ElementsAre(0.2, 0.5));
  EXPECT_THAT(log_ticks(1, 1), ElementsAre(0.5, 1, 2));
}

TEST(WholeTicks, AreWholeAndInside) {
  EXPECT_THAT(whole_ticks(1, 5), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(whole_ticks(1, 30), ElementsAre(5, 10, 15, 20, 25, 30));
  EXPECT_THAT(whole_ticks(1, 1000), ElementsAre(200, 400, 600, 800, 1000));
  EXPECT_THAT(whole_ticks(0.5, 1.5), ElementsAre(1));
  EXPECT_THAT(whole_ticks(99, 100), ElementsAre(99, 100));
}

}  // namespace
}  // namespace mnist
