#pragma once

#include <functional>

#include "base/exit_code.h"
#include "cli/cli.h"
#include "mnist_train/data.h"
#include "mnist_train/train.h"
#include "run/record.h"

namespace mnist {

/// load_data(), or what keeps data in memory.
using DataLoader = std::function<DataSplits(const DataOptions&)>;

/// A training run: loads the data by `load`, trains, tests, and writes the files of --out. Returns
/// its record, or the earlier one if the same run is completed already and the options allow to
/// skip it. A signal that was noted (see watch_signals()) ends it early, after saving, as a
/// callback does. Throws Error.
RunRecord run_training(Options options, const DataLoader& load, const TrainingCallbacks& callbacks);

/// The code to exit with after such a run.
ExitCode exit_code_of(const RunRecord& run);
}  // namespace mnist
