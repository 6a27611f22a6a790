#include "commands/commands.h"
#include "support.h"

namespace mnist {
namespace {

TEST(MinAccuracy, IsComparedWithCountsSinceAPercentageIsRounded) {
  ConfusionMatrix test;
  test.counts[1][1] = 240;  // 80.268 %
  test.counts[1][7] = 59;
  EXPECT_EQ(below_min_accuracy(test, std::nullopt), "");
  EXPECT_EQ(below_min_accuracy(test, 80.26), "");
  EXPECT_EQ(below_min_accuracy(test, 80.27),
            "expected a test accuracy of at least 80.27 % (--min-accuracy), found 240 of 299 "
            "correct");
  test.counts[1][1] = 59;
  EXPECT_EQ(below_min_accuracy(test, 50), "");
}

}  // namespace
}  // namespace mnist
