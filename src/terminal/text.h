#pragma once

#include <string>

#include "mnist_train/metrics.h"
#include "mnist_train/progress.h"

namespace mnist {

// What the terminal shows. None of these texts ends with a line feed.

/// "epoch  3/30  loss 0.252345  1.31 s  45801 images/s"; before the time also the validation loss
/// and accuracy, and the learning rate, if the epoch has them.
std::string epoch_line(const EpochResult& result);

/// The loss, "test loss 0.073421" in nats for the kind of images "test"; a table of the correct
/// images of each digit; and "accuracy 97.81 % (9781 of 10000, 95 % interval 97.50 to 98.08 %)".
std::string evaluation_text(const Evaluation& evaluation, const std::string& kind = "test");

/// The confusion matrix: a row for each label, a column for each prediction.
std::string confusion_table(const ConfusionMatrix& confusion);

/// "epoch  3/30  50 %  ETA 0:20  45942 images/s  [####....]", in at most `width` characters: the
/// bar is left out where it does not fit, and then the end of the rest.
std::string progress_line(const Progress& progress, int width);

}  // namespace mnist
