#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/exit_code.h"
#include "cli/cli.h"
#include "mnist_train/error.h"
#include "mnist_train/metrics.h"

namespace mnist {

struct DataSplits;

/// Does what the command line asks for, by one of the commands below.
ExitCode run_command(const CommandLine& command);

/// The exception that is being handled, in words for the user.
Error current_error();

// The commands. Results go to standard output, the log to standard error. All throw Error, with the
// code to exit with.

/// The main job: loads the data, trains, tests, prints, and writes the files of the run.
ExitCode train_command(const Options& options);

/// Runs that standard input asks for, one after the other in this process, which keeps LibTorch and
/// the data in memory. A line has the options of a run, in a shell's quotes or as a JSON array of
/// strings; `arguments`, those of the command, come before those of each line. Prints JSON lines:
/// for each epoch a line of metrics.jsonl and for each run its result.json, both with the members
/// "job" and "line" first; for a run that fails {"job":2,"line":3,"error":"...","exit_code":2}.
/// SIGUSR1 ends the current run, any other signal that watch_signals() notes also the command.
/// Returns the code of the first run that has failed.
ExitCode jobs_command(const std::vector<std::string>& arguments);

/// Says what a run with these options would find: versions, threads, the data or the places where
/// they were looked for, and whether a run could write to --out. Changes nothing. Returns the code
/// with which the first problem would end a run.
ExitCode doctor_command(const Options& options);

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

/// Writes a saved model as an ONNX file.
ExitCode export_command(const ExportOptions& options);

// What several commands do.

/// As many of these threads as there are CPUs for. Warns if that is not all.
int usable_threads(int threads);

/// The error message if the accuracy is below --min-accuracy (`percent`); else empty, and so it is
/// without that option.
std::string below_min_accuracy(const ConfusionMatrix& test, std::optional<double> percent);

/// Throws Error(kUsage) if --min-accuracy was given and there are no test images.
void expect_test_images(const DataSplits& data, std::optional<double> min_accuracy);

}  // namespace mnist
