#pragma once

#include <optional>

#include "mnist_train/data.h"
#include "mnist_train/error.h"
#include "mnist_train/options.h"

namespace mnist {

// What the program can be asked to do, one a file. Results go to standard output, the log to
// standard error. All throw Error, with the code to exit with.

/// The main job: loads the data (unless they are), trains, tests, prints, and writes the files of
/// the run.
ExitCode train_command(const Options& options, std::optional<DataSplits> loaded = std::nullopt);

/// Starts runs, each a process of its own, from one that has LibTorch and the data of `options` in
/// memory, so that they begin at once and share it. A line of standard input asks for one, such as
///     {"options": ["--lr=0.1", "--out=runs/a"], "log": "runs/a.log"}
/// where the log gets its standard error; its standard output goes nowhere. Standard output says, a
/// line each, which process has begun, first this one and then the others in the order asked for,
/// and which has ended and how:
///     {"pid": 7}
///     {"pid": 7, "exit": 0}         or, of one that was killed, {"pid": 7, "signal": 9}
/// Ends when standard input has ended, and all runs; if it is killed before, so are they.
ExitCode spawn_command(const Options& options);

/// Shows images of a data set, in the terminal or as a PNG file.
ExitCode show_command(const ShowOptions& options);

/// Tests a saved model on the test images of a data set.
ExitCode eval_command(const EvalOptions& options);

/// Says what a saved model takes image files for. Returns kData if some could not be read.
ExitCode predict_command(const PredictOptions& options);

/// Writes a page about runs.
ExitCode report_command(const ReportOptions& options);

/// Writes a page on which one draws digits, and which holds a saved model that reads them.
ExitCode draw_command(const DrawOptions& options);

}  // namespace mnist
