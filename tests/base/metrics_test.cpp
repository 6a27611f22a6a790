#include "mnist_train/metrics.h"

#include <gtest/gtest.h>

namespace mnist {
namespace {

TEST(ConfusionMatrix, CountsCorrectAndTotal) {
  ConfusionMatrix confusion;
  confusion.counts[3][3] = 5;
  confusion.counts[3][8] = 2;
  confusion.counts[8][8] = 4;
  EXPECT_EQ(confusion.correct(3), 5);
  EXPECT_EQ(confusion.total(3), 7);
  EXPECT_EQ(confusion.total(8), 4);
  EXPECT_EQ(confusion.total(0), 0);
  EXPECT_EQ(confusion.correct(), 9);
  EXPECT_EQ(confusion.total(), 11);
}

TEST(Accuracy, IsAShare) {
  EXPECT_DOUBLE_EQ(accuracy(3, 4), 0.75);
  EXPECT_DOUBLE_EQ(accuracy(0, 0), 0.0);
  Evaluation evaluation{0.5, {}};
  evaluation.confusion.counts[3][3] = 3;
  evaluation.confusion.counts[8][3] = 1;
  EXPECT_DOUBLE_EQ(evaluation.accuracy(), 0.75);
}

// Expected values: the interval's formula solved as its quadratic equation with 40 digits in
// Python.
TEST(WilsonInterval, AgreesWithTheFormula) {
  const Interval most = wilson_interval(9781, 10000);
  EXPECT_NEAR(most.low, 0.97504254539, 1e-11);
  EXPECT_NEAR(most.high, 0.98079027537, 1e-11);
  const Interval half = wilson_interval(5, 10);
  EXPECT_NEAR(half.low, 0.23659309051, 1e-11);
  EXPECT_NEAR(half.high, 0.76340690949, 1e-11);
}

TEST(WilsonInterval, StaysInsideZeroToOne) {
  const Interval none = wilson_interval(0, 10);
  EXPECT_GE(none.low, 0.0);
  EXPECT_NEAR(none.low, 0.0, 1e-15);
  EXPECT_NEAR(none.high, 0.27753279986, 1e-11);
  const Interval all = wilson_interval(10, 10);
  EXPECT_NEAR(all.low, 0.72246720014, 1e-11);
  EXPECT_LE(all.high, 1.0);
  EXPECT_NEAR(all.high, 1.0, 1e-15);
  const Interval unknown = wilson_interval(0, 0);
  EXPECT_EQ(unknown.low, 0.0);
  EXPECT_EQ(unknown.high, 1.0);
}

}  // namespace
}  // namespace mnist
