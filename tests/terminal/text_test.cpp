#include "terminal/text.h"

#include <algorithm>

#include "base/text.h"
#include "support.h"

namespace mnist {
namespace {

const Progress kHalfOfEpochTwo{2, 4, 500, 1000, 1.0, 3.0};

TEST(Text, EpochLineShowsTheLearningRateIfItChanges) {
  EpochResult result{3, 30, 0.2523456789, 1.306, 45942.2};
  EXPECT_EQ(epoch_line(result), "epoch  3/30  loss 0.252346  1.31 s  45942 images/s");
  result.lr = 0.17432;
  EXPECT_EQ(epoch_line(result), "epoch  3/30  loss 0.252346  lr 0.17  1.31 s  45942 images/s");
  result.lr = 1.234e-05;
  EXPECT_EQ(epoch_line(result), "epoch  3/30  loss 0.252346  lr 1.2e-05  1.31 s  45942 images/s");
}

TEST(Text, EvaluationShowsEachDigitAndTheIntervalOfTheAccuracy) {
  Evaluation evaluation{0.25, {}};
  evaluation.confusion.counts[7][7] = 9781;
  evaluation.confusion.counts[7][1] = 219;
  const std::string text = evaluation_text(evaluation, "validation");
  EXPECT_THAT(text, StartsWith("validation loss 0.250000\n\n"
                               "digit  correct   total   accuracy\n"
                               "    0        0       0          -\n"));
  EXPECT_THAT(text, EndsWith("\n    7     9781   10000    97.81 %\n"
                             "    8        0       0          -\n"
                             "    9        0       0          -\n\n"
                             "accuracy 97.81 % (9781 of 10000, 95 % interval 97.50 to 98.08 %)"));
}

TEST(Text, PercentTextIsNotRoundedToAHundred) {
  EXPECT_EQ(percent_text(59999.0 / 60000), "99.99");
  EXPECT_EQ(percent_text(1.0), "100.00");
  EXPECT_EQ(percent_text(0.0), "0.00");
}

TEST(Text, ProgressLineShowsTheTimeLeft) {
  // 1.5 of 4 epochs in 3 s: 5 s are left.
  EXPECT_EQ(progress_line(kHalfOfEpochTwo, 60),
            "epoch 2/4  50 %  ETA 0:05  500 images/s  [########.........]");
  // Resumed after epoch 1: half of the first of 3 epochs took 3 s.
  const Progress resumed{2, 4, 500, 1000, 3.0, 3.0, 1};
  EXPECT_THAT(progress_line(resumed, 60), HasSubstr("ETA 0:15 "));
  const Progress slow{1, 30, 10, 60000, 1.0, 1.0};
  EXPECT_THAT(progress_line(slow, 80), HasSubstr("ETA 49:59:59 "));
}

TEST(Text, ProgressLineFitsTheWidth) {
  for (int width = 1; width < 120; ++width) {
    EXPECT_LE(progress_line(kHalfOfEpochTwo, width).size(), width);
  }
  EXPECT_EQ(progress_line(kHalfOfEpochTwo, 50), "epoch 2/4  50 %  ETA 0:05  500 images/s");
  EXPECT_EQ(progress_line(kHalfOfEpochTwo, 25), "epoch 2/4  50 %  ETA 0:05");
}

TEST(Text, ConfusionTableHasARowForEachDigit) {
  ConfusionMatrix confusion;
  confusion.counts[0][0] = 980;
  confusion.counts[0][6] = 12;
  const std::string plain = confusion_table(confusion);
  EXPECT_THAT(plain,
              StartsWith("true \\ pred       0     1     2     3     4     5     6     7     8 "
                         "    9\n            0   980     0     0     0     0     0    12 "));
  EXPECT_EQ(std::count(plain.begin(), plain.end(), '\n'), 10);
}

TEST(Text, PrintableHasNoControlCharacters) {
  EXPECT_EQ(printable("a\x1b[2J\n\x7f\u00e4.png"), "a?[2J??\u00e4.png");
}

}  // namespace
}  // namespace mnist
