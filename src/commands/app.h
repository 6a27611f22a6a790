#pragma once

#include "cli/cli.h"
#include "mnist_train/exit_code.h"

/// Does what the command line asks for, but for what main prints itself: by default the main job,
/// which loads the data, trains, tests and prints. Throws mnist::Error. In a library of its own,
/// see main.cpp; hence the name without namespace.
extern "C" __attribute__((visibility("default"))) mnist::ExitCode mnist_train_run_command(
    const mnist::CommandLine& command);
