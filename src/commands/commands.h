#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/process.h"
#include "cli/cli.h"
#include "mnist_train/error.h"
#include "mnist_train/metrics.h"

namespace mnist {

struct DataSplits;
struct RunRecord;
struct TrainingCallbacks;

/// Does what the command line asks for, by one of the commands below.
ExitCode run_command(const CommandLine& command);

/// The exception that is being handled, in words for the user.
Error current_error();

// The commands do what their --help says. Results go to standard output, the log to standard error.
// They return the code to exit with, and throw Error.

ExitCode train_command(const Options& options);

/// Returns the code with which the first problem would end a run with these options.
ExitCode doctor_command(const Options& options);

/// Prints for each epoch a line of metrics.jsonl and for each run its result.json, both with the
/// members "job" and "line" first; for a run that fails {"job":2,"line":3,"error":"...",
/// "exit_code":2}. `arguments`, those of the command, come before those of each line. Returns the
/// code of the first run that has failed.
ExitCode jobs_command(const std::vector<std::string>& arguments);

ExitCode show_command(const ShowOptions& options);
ExitCode eval_command(const EvalOptions& options);
ExitCode predict_command(const PredictOptions& options);
ExitCode report_command(const ReportOptions& options);
ExitCode draw_command(const DrawOptions& options);
ExitCode export_command(const ExportOptions& options);

// What several commands do.

/// load_data(), or what keeps data in memory.
using DataLoader = std::function<DataSplits(const DataOptions&)>;

/// A training run: loads the data by `load`, trains, tests, and writes the files of --out. Returns
/// its record, or the earlier one if the same run is completed already and the options allow to
/// skip it. A signal that was noted (see watch_signals()) ends it early, after saving, as a
/// callback does. Throws Error.
RunRecord run_training(Options options, const DataLoader& load, const TrainingCallbacks& callbacks);

/// The code to exit with after such a run.
ExitCode exit_code_of(const RunRecord& run);

/// As many of these threads as there are CPUs for. Warns if that is not all.
int usable_threads(int threads);

/// The error message if the accuracy is below --min-accuracy (`percent`); else empty, and so it is
/// without that option.
std::string below_min_accuracy(const ConfusionMatrix& test, std::optional<double> percent);

/// Throws Error(kUsage) if --min-accuracy was given and there are no test images.
void expect_test_images(const DataSplits& data, std::optional<double> min_accuracy);

}  // namespace mnist
