#pragma once

#include <cstdint>
#include <optional>

#include "cli/cli.h"
#include "commands/app.h"
#include "mnist_train/data.h"
#include "mnist_train/engine.h"
#include "mnist_train/error.h"
#include "mnist_train/metrics.h"
#include "mnist_train/options.h"

namespace mnist {

// What the program can be asked to do, one a file. Results go to standard output, the log to
// standard error. All throw Error, with the code to exit with.

/// What a process that starts several runs makes of the data once for all.
struct LoadedData {
  DataSplits data;
  SparseForms forms;
  std::uint64_t train_fingerprint;
};

/// The main job: loads the data, trains, tests, prints, and writes the files of the run. `loaded`
/// is for a process that has the data in memory already.
ExitCode train_command(const Options& options, std::optional<LoadedData> loaded = std::nullopt);

/// Starts runs, each in a process of its own, from this process, which has LibTorch and the data of
/// `options` in memory. So they begin at once and share that memory. A line of standard input asks
/// for a run, such as
///     {"options": ["--lr=0.1", "--out=runs/a"], "log": "runs/a.log"}
/// The log file gets the run's standard error; its standard output is dropped. Lines of standard
/// output say which process has begun (first this one, then the runs in the order in which they
/// were asked for), and which has ended and how:
///     {"pid": 7}
///     {"pid": 7, "exit": 0}         or, if a signal ended it, {"pid": 7, "signal": 9}
/// A run that SIGINT has stopped is saved, and ends with "signal": 2.
/// Ends when standard input and all runs have ended. If it is killed before, the runs are killed.
ExitCode spawn_command(const Options& options);

/// Says what a run with these options would find: versions, threads, the data or the places where
/// they were looked for, and whether a run could write to --out. Changes nothing. Returns the code
/// with which the first problem would end a run.
ExitCode doctor_command(const Options& options);

/// Shows images of a data set, in the terminal or as a PNG file.
ExitCode show_command(const ShowOptions& options);

/// Tests a saved model on the test images of a data set.
ExitCode eval_command(const EvalOptions& options);

/// As many of these threads as there are processors for. Warns if that is not all.
int usable_threads(int threads);

/// The error of a test whose accuracy is below --min-accuracy (`percent`); none if it is reached or
/// was not asked for. The one place where this is checked.
std::optional<Error> below_min_accuracy(const ConfusionMatrix& test, std::optional<double> percent);

/// Throws Error(kUsage) if --min-accuracy was given and there are no test images.
void expect_test_images(const DataSplits& data, std::optional<double> min_accuracy);

/// Says what a saved model takes image files for. Returns kData if some could not be read.
ExitCode predict_command(const PredictOptions& options);

/// Writes a page about runs.
ExitCode report_command(const ReportOptions& options);

/// Writes a page on which one draws digits, and which holds a saved model that reads them.
ExitCode draw_command(const DrawOptions& options);

/// Writes a saved model as an ONNX file.
ExitCode export_command(const ExportOptions& options);

}  // namespace mnist
