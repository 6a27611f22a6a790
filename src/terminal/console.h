#pragma once

#include <chrono>
#include <functional>
#include <iosfwd>
#include <string>

#include "mnist_train/metrics.h"
#include "mnist_train/progress.h"

namespace mnist {

/// What a Console shows.
struct ConsoleStyle {
  std::function<int()> bar_width;  ///< characters that the progress bar may take now; empty: no bar
  bool shows_epochs = true;        ///< a line for each epoch
};

/// Shows a run on the terminal: the results on `out`, the progress bar on `err`.
class Console {
 public:
  Console(std::ostream& out, std::ostream& err, ConsoleStyle style);

  void on_step(const Progress& progress);
  void on_epoch(const EpochResult& result);
  /// Shows the result of a test on images of that kind: "test" or "validation".
  void show(const Evaluation& evaluation, const std::string& kind);

  /// Writes a line to `out`. Throws Error(kOutput) if that fails.
  void print(const std::string& text);

  /// Removes the progress bar, as of an epoch that was stopped before its end.
  void clear_bar();

 private:
  std::ostream& out_;
  std::ostream& err_;
  ConsoleStyle style_;
  bool bar_shown_ = false;
  std::chrono::steady_clock::time_point last_drawn_;
};

/// Writes text to standard output. Throws Error(kOutput) if that fails.
void write_out(const std::string& text);

/// Writes an error message to standard error.
void print_error(const std::string& message);

/// The style for what standard output and standard error are: terminals or files.
ConsoleStyle console_style();

enum class Verbosity { kQuiet, kNormal, kVerbose };

/// Sends the log to standard error: only warnings if quiet, details as well if verbose. It has
/// colors on a terminal, unless $NO_COLOR is set.
void set_up_log(Verbosity verbosity);

}  // namespace mnist
