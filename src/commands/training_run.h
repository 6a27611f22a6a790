#pragma once

#include <functional>

#include "base/exit_code.h"
#include "cli/cli.h"
#include "mnist_train/data.h"
#include "run/record.h"
#include "train/observer.h"

namespace mnist {

/// A training run: loads the data by `load`, trains, tests, and writes the files of --out. Returns
/// its record, or the earlier one if the same run is completed already and the options allow to
/// skip it. `observer` is told of each step and epoch. A signal that was noted ends it early, after
/// saving (see watch_signals()). Throws Error.
RunRecord run_training(const Options& options, const std::function<DataSplits()>& load,
                       TrainingObserver& observer);

/// The code to exit with after such a run.
ExitCode exit_code_of(const RunRecord& run);

/// Why a run is not completed, as an error message; empty if it is.
std::string problem_of(const RunRecord& run, const Options& options);

}  // namespace mnist
