#pragma once

#include "mnist_train/exit_code.h"
#include "mnist_train/options.h"

namespace mnist {

/// The main job: loads the data, trains, tests, prints. Throws Error.
ExitCode run_training(const Options& options);

/// Prints version_text().
ExitCode run_version();

}  // namespace mnist
