#pragma once

#include "cli/cli.h"
#include "mnist_train/error.h"

namespace mnist {

/// Does what the command line asks for: by default the main job, which loads the data, trains,
/// tests and prints. Throws Error.
ExitCode run_command(const CommandLine& command);

}  // namespace mnist
