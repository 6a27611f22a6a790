#pragma once

#include <string>
#include <vector>

#include "mnist_train/metrics.h"
#include "mnist_train/trainer.h"

namespace mnist {

// What the terminal shows, as text without a final line feed.

/// "epoch  3/30  loss 0.252345  1.31 s  45801 images/s"
std::string epoch_line(const EpochResult& result);

std::string test_loss_line(double loss);

/// Correct, total and accuracy of each digit, a line each under a heading.
std::string digit_table(const ConfusionMatrix& confusion);

/// "accuracy 97.81 % (9781 of 10000, 95 % interval 97.50 to 98.08 %)"
std::string accuracy_line(const ConfusionMatrix& confusion);

/// The three above, with a blank line between.
std::string evaluation_text(const Evaluation& evaluation);

/// Which digits were taken for which, in 256 colours or none.
std::string confusion_table(const ConfusionMatrix& confusion, bool colored);

/// "\u2588\u2585\u2583\u2581": a block for each loss, on a logarithmic scale from the lowest to the
/// highest, which is also where those go that are not finite.
std::string spark_line(const std::vector<double>& losses);

/// The progress bar with the time left, at most `width` characters.
std::string progress_line(const Progress& progress, int width);

}  // namespace mnist
