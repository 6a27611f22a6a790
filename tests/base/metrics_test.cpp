#include "mnist_train/metrics.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace mnist {
namespace {

TEST(Evaluation, CountsCorrectAndTotalAndGivesTheAccuracyAsAShare) {
  Evaluation evaluation{};
  evaluation.confusion.counts[3][3] = 5;
  evaluation.confusion.counts[3][8] = 2;
  evaluation.confusion.counts[8][8] = 1;
  EXPECT_EQ(evaluation.confusion.correct(3), 5);
  EXPECT_EQ(evaluation.confusion.total(3), 7);
  EXPECT_EQ(evaluation.confusion.total(0), 0);
  EXPECT_EQ(evaluation.confusion.correct(), 6);
  EXPECT_EQ(evaluation.confusion.total(), 8);
  EXPECT_EQ(evaluation.accuracy(), 0.75);
  EXPECT_EQ(Evaluation{}.accuracy(), 0.0);
}

// Expected values: the interval's formula solved as its quadratic equation with 40 digits in
// Python.
TEST(WilsonInterval, AgreesWithTheFormulaAndStaysInsideZeroToOne) {
  for (const auto& [correct, total, low, high] :
       std::vector<std::tuple<std::int64_t, std::int64_t, double, double>>{
           {9781, 10000, 0.97504254539, 0.98079027537},
           {5, 10, 0.23659309051, 0.76340690949},
           {0, 10, 0.0, 0.27753279986},
           {10, 10, 0.72246720014, 1.0},
           {0, 0, 0.0, 1.0}}) {
    const Interval interval = wilson_interval(correct, total);
    EXPECT_NEAR(interval.low, low, 1e-11);
    EXPECT_NEAR(interval.high, high, 1e-11);
    EXPECT_LE(interval.high, 1.0);
  }
  for (const std::int64_t total : {3, 10, 67, 500, 9999}) {
    EXPECT_EQ(wilson_interval(0, total).low, 0.0);
    EXPECT_EQ(wilson_interval(total, total).high, 1.0);
  }
}

}  // namespace
}  // namespace mnist
