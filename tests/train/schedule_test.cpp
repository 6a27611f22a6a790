#include "train/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "mnist_train/data.h"

namespace mnist {
namespace {

TrainingOptions options(LrSchedule schedule, std::int64_t epochs, double warmup = 0.0) {
  return {.epochs = epochs, .lr = 0.8, .lr_schedule = schedule, .warmup = warmup};
}

TEST(ImageOrder, IsThatOfTheFileUnlessShuffled) {
  EXPECT_TRUE(torch::equal(image_order({}, 2, 100), torch::arange(100)));
  const TrainingOptions shuffled{.seed = 9, .shuffle = true};
  EXPECT_TRUE(torch::equal(image_order(shuffled, 2, 100), epoch_order(100, 9, 2)));
}

TEST(LearningRate, FollowsItsSchedule) {
  EXPECT_EQ(learning_rate(options(LrSchedule::kConstant, 10), 7.5), 0.8);
  EXPECT_EQ(learning_rate(options(LrSchedule::kLinear, 10), 0.0), 0.8);
  EXPECT_NEAR(learning_rate(options(LrSchedule::kLinear, 10), 7.5), 0.2, 1e-15);
  // Half a cosine: at a third of the way (1 + 1/2) / 2 of the rate, halfway a half.
  EXPECT_EQ(learning_rate(options(LrSchedule::kCosine, 9), 0.0), 0.8);
  EXPECT_NEAR(learning_rate(options(LrSchedule::kCosine, 9), 3.0), 0.6, 1e-15);
  EXPECT_NEAR(learning_rate(options(LrSchedule::kCosine, 9), 4.5), 0.4, 1e-15);
  EXPECT_NEAR(learning_rate(options(LrSchedule::kCosine, 9), 9.0), 0.0, 1e-15);
}

TEST(LearningRate, RisesWhileItWarmsUp) {
  for (const LrSchedule schedule :
       {LrSchedule::kConstant, LrSchedule::kLinear, LrSchedule::kCosine}) {
    EXPECT_EQ(learning_rate(options(schedule, 10, 4), 0.0), 0.0);
    EXPECT_EQ(learning_rate(options(schedule, 10, 4), 1.0), 0.2);
    EXPECT_EQ(learning_rate(options(schedule, 10, 4), 4.0), 0.8);
    EXPECT_EQ(learning_rate(options(schedule, 2, 4), 2.0), 0.4);  // it never gets further
  }
  EXPECT_EQ(learning_rate(options(LrSchedule::kConstant, 10, 4), 9.0), 0.8);
  EXPECT_NEAR(learning_rate(options(LrSchedule::kLinear, 10, 4), 7.0), 0.4, 1e-15);
  EXPECT_NEAR(learning_rate(options(LrSchedule::kCosine, 10, 4), 7.0), 0.4, 1e-15);
}

TEST(Segments, AreOneUnlessTheRateChangesOrImagesAreAugmented) {
  TrainingOptions constant = options(LrSchedule::kConstant, 10);
  const auto whole = segments(constant, 3, 1000);
  ASSERT_EQ(whole.size(), 1);
  EXPECT_EQ(whole[0].begin, 0);
  EXPECT_EQ(whole[0].end, 1000);
  EXPECT_EQ(whole[0].lr, 0.8);
  constant.augment.kind = Augment::kShift;
  ASSERT_EQ(segments(constant, 3, 1000).size(), 8);
  EXPECT_EQ(segments(constant, 3, 1000)[7].lr, 0.8);
}

// 20 batches of 20, the last one of 15: batches 0, 2, 5, 7, 10, ... begin a segment.
TEST(Segments, AreEightOfWholeBatchesAndHaveTheRateOfTheirMiddle) {
  const auto parts = segments(options(LrSchedule::kLinear, 2), 2, 395);
  const std::vector<std::int64_t> begins{0, 40, 100, 140, 200, 240, 300, 340, 395};
  ASSERT_EQ(parts.size(), 8);
  for (std::size_t k = 0; k < 8; ++k) {
    EXPECT_EQ(parts[k].begin, begins[k]);
    EXPECT_EQ(parts[k].end, begins[k + 1]);
    EXPECT_NEAR(parts[k].lr, 0.8 * (1 - (1 + (static_cast<double>(k) + 0.5) / 8) / 2), 1e-15);
  }
}

TEST(Segments, AreAsManyAsThereAreBatchesAtMost) {
  const auto parts = segments(options(LrSchedule::kLinear, 1), 1, 41);
  ASSERT_EQ(parts.size(), 3);
  EXPECT_EQ(parts[2].begin, 40);
  EXPECT_EQ(parts[2].end, 41);
  EXPECT_NEAR(parts[2].lr, 0.8 / 6, 1e-15);
}

}  // namespace
}  // namespace mnist
