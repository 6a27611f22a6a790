#pragma once

#include <cstdint>
#include <string>

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

/// "accuracy 97.81 % (9781 of 10000, 95 % interval 97.50 to 98.08 %)"
std::string accuracy_line(const ConfusionMatrix& confusion);

/// "test loss 0.073421" in nats for the kind of images "test", then the two above, with blank lines
/// between them.
std::string evaluation_text(const Evaluation& evaluation, const std::string& kind = "test");

/// The confusion matrix, without colors or in the 256 of a terminal.
std::string confusion_table(const ConfusionMatrix& confusion, bool colored);

/// The progress bar with speed and time left, in at most `width` characters; the time left is what
/// is left out last.
std::string progress_line(const Progress& progress, int width);

}  // namespace mnist
