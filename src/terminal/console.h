#pragma once

#include <chrono>
#include <iosfwd>
#include <string>
#include <vector>

#include "mnist_train/metrics.h"
#include "mnist_train/options.h"
#include "mnist_train/trainer.h"

namespace mnist {

/// What a Console shows.
struct ConsoleStyle {
  int bar_width = 0;         ///< characters that the bar may take; 0: no bar is drawn
  bool shows_epochs = true;  ///< a line for each
  int spark_columns = 0;     ///< of `out`, if it can show a spark line of the loss beside them
};

/// Shows a run on the terminal: results on `out`, the bar on `err`.
class Console : public TrainingObserver {
 public:
  Console(std::ostream& out, std::ostream& err, ConsoleStyle style);

  void on_step(const Progress& progress) override;
  void on_epoch(const EpochResult& result) override;
  void show(const Evaluation& evaluation);

  /// A line on `out`. Throws Error(kOutput).
  void print(const std::string& text);

  /// Removes the bar of an epoch that was broken off.
  void clear_bar();

 private:
  std::ostream& out_;
  std::ostream& err_;
  ConsoleStyle style_;
  std::vector<double> losses_;
  bool bar_shown_ = false;
  std::chrono::steady_clock::time_point last_drawn_;
};

/// Text on standard output. Throws Error(kOutput).
void write_out(const std::string& text);

/// What suits the terminals, or files, that standard output and standard error are.
ConsoleStyle console_style();

/// Sends the log to standard error: warnings only if quiet, details if verbose, coloured unless
/// NO_COLOR is set.
void set_up_log(Verbosity verbosity);

}  // namespace mnist
