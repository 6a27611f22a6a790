#pragma once

#include <chrono>
#include <iosfwd>
#include <string>

#include "mnist_train/evaluation.h"
#include "mnist_train/options.h"
#include "mnist_train/trainer.h"

namespace mnist {

/// Shows a run on the terminal: results on `out`, the bar on `err`.
class Console : public TrainingObserver {
 public:
  /// `bar_width` is the number of characters the bar may take; 0: no bar is drawn. The lines of
  /// epochs are left out if `shows_epochs` is false.
  Console(std::ostream& out, std::ostream& err, int bar_width, bool shows_epochs = true);

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
  int bar_width_;
  bool shows_epochs_;
  bool bar_shown_ = false;
  std::chrono::steady_clock::time_point last_drawn_;
};

/// Text on standard output. Throws Error(kOutput).
void write_out(const std::string& text);

/// The width for a bar on standard error: that of its window, and 0 if it is no terminal that can
/// redraw a line.
int terminal_bar_width();

/// Sends the log to standard error: warnings only if quiet, details if verbose, coloured unless
/// NO_COLOR is set.
void set_up_log(Verbosity verbosity);

}  // namespace mnist
