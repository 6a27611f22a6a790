#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mnist_train/metrics.h"
#include "mnist_train/progress.h"

namespace mnist {

// What the terminal shows. None of these texts ends with a line feed.

/// "epoch  3/30  loss 0.252345  1.31 s  45801 images/s"; before the time also the validation loss
/// and accuracy, and the learning rate, if the epoch has them.
std::string epoch_line(const EpochResult& result);

/// A heading, then a line for each digit: how many are correct, how many there are, and the
/// accuracy.
std::string digit_table(const ConfusionMatrix& confusion);

/// 100 * correct / total with two decimals: "97.81". It is "100.00" only if all are correct.
std::string percent_text(std::int64_t correct, std::int64_t total);

/// "accuracy 97.81 % (9781 of 10000, 95 % interval 97.50 to 98.08 %)"
std::string accuracy_line(const ConfusionMatrix& confusion);

/// "test loss 0.073421" in nats for the kind of images "test", then the two above, with blank lines
/// between them.
std::string evaluation_text(const Evaluation& evaluation, const std::string& kind = "test");

/// The confusion matrix, without colors or in the 256 of a terminal.
std::string confusion_table(const ConfusionMatrix& confusion, bool colored);

/// "\u2588\u2585\u2583\u2581": a block for each loss, on a logarithmic scale from the lowest to the
/// highest of them. A loss that is not finite is shown as high as the highest.
std::string spark_line(const std::vector<double>& losses);

/// The progress bar with speed and time left, in at most `width` characters; the time left is what
/// is left out last.
std::string progress_line(const Progress& progress, int width);

}  // namespace mnist
