#include <tuple>

#include "report/views.h"
#include "support.h"

namespace mnist {
namespace {

using testing::DoubleEq;

// By hand, and scipy.stats.binomtest(first, first + second).pvalue of SciPy 1.10.1.
TEST(McnemarExact, IsThatOfTheFormulaAndOfScipy) {
  for (const auto& [first, second, p] : std::vector<std::tuple<std::int64_t, std::int64_t, double>>{
           {0, 0, 1.0},
           {1, 0, 1.0},             // 2 * 1 / 2
           {5, 0, 0.0625},          // 2 * 1 / 32
           {10, 2, 0.03857421875},  // 2 * (1 + 12 + 66) / 4096
           {7, 7, 1.0},
           {45, 52, 0.542610158045875},
           {120, 25, 4.36997097460836e-16},
           {700, 300, 1.7665678007949568e-37},
           {5000, 4800, 0.04440414879984629},
           {30000, 29000, 3.907020967830224e-05}}) {
    EXPECT_NEAR(mcnemar_exact(first, second) / p, 1.0, 1e-9) << first << " " << second;
    EXPECT_EQ(mcnemar_exact(second, first), mcnemar_exact(first, second));
    EXPECT_LE(mcnemar_exact(first, second), 1.0);
  }
  EXPECT_EQ(mcnemar_exact(9000, 1000), 0.0);  // as SciPy: it is less than any double
}

TEST(HolmAdjusted, IsRightWhereItCanBeCheckedByHand) {
  EXPECT_THAT(holm_adjusted({}), IsEmpty());
  EXPECT_THAT(holm_adjusted({0.04}), ElementsAre(0.04));
  // 4 * 0.005, 3 * 0.01, 2 * 0.03, and at least as much for the largest
  EXPECT_THAT(holm_adjusted({0.01, 0.04, 0.03, 0.005}),
              ElementsAre(DoubleEq(0.03), DoubleEq(0.06), DoubleEq(0.06), DoubleEq(0.02)));
  EXPECT_THAT(holm_adjusted({0.9, 0.6}), ElementsAre(1.0, 1.0));
}

}  // namespace
}  // namespace mnist
