#pragma once

#include <chrono>
#include <string>

#include "mnist_train/progress.h"

namespace mnist {

/// What is at the other end of a stream.
struct Display {
  bool is_terminal = false;  ///< that can draw a line again and show colors
  bool has_grays = false;    ///< the 24 grays among 256 colors, and half-block characters
  int columns = 80;
};

/// What a file descriptor leads to. The colors of a terminal are taken from $TERM and $COLORTERM,
/// and its character set, which has half blocks if it is UTF-8, from $LC_ALL, $LC_CTYPE and $LANG.
/// There are no grays if $NO_COLOR is set.
Display display_of(int descriptor);

/// Writes text to standard output. Throws Error(kOutput) if that fails.
void write_out(const std::string& text);

/// Writes an error message to standard error.
void print_error(const std::string& message);

enum class Verbosity { kQuiet, kNormal, kVerbose };

/// Sends the log to standard error: only warnings if quiet, details as well if verbose. It has
/// colors on a terminal, unless $NO_COLOR is set. Paths in messages have to be printable().
void set_up_log(Verbosity verbosity);

/// The progress bar of a training run on standard error; nothing if that is no terminal.
class ProgressBar {
 public:
  void show(const Progress& progress);

  /// To be called before anything else is written to the terminal.
  void clear();

 private:
  bool is_shown_ = false;
  std::chrono::steady_clock::time_point last_drawn_;
};

}  // namespace mnist
