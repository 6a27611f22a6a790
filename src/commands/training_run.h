#pragma once

#include <functional>

#include "base/exit_code.h"
#include "cli/cli.h"
#include "mnist_train/data.h"
#include "mnist_train/train.h"
#include "run/record.h"

namespace mnist {

/// A training run: loads the data by `load`, trains, tests, and writes the files of --out. Returns
/// its record, or the earlier one if the same run is completed already and the options allow to
/// skip it. A signal that was noted (see watch_signals()) ends it early, after saving, as a
/// callback does. Throws Error.
RunRecord run_training(const Options& options, const std::function<DataSplits()>& load,
                       const TrainingCallbacks& callbacks);

/// Logs what the data set is. Warns if it lacks a test set or digits, or is nearly black.
void log_data(const DataSplits& data);

/// The code to exit with after such a run.
ExitCode exit_code_of(const RunRecord& run);

/// Why a run is not completed, as an error message; empty if it is.
std::string problem_of(const RunRecord& run, const Options& options);

}  // namespace mnist
