#pragma once

#include <string>

#include "mnist_train/error.h"

namespace mnist {

/// The value of an environment variable; empty if it is not set.
std::string environment(const char* name);

/// From now on a limit on the size of files does not end the process, and the first SIGINT,
/// SIGTERM or SIGUSR1 (which batch systems send before they take a machine away) is only noted; the
/// next ends the process at once, with the exit code below.
void watch_signals();

/// The signal that was noted; 0 if none.
int noted_signal();

/// "SIGINT", "SIGTERM" or "SIGUSR1".
const char* signal_name(int signal);

/// 130 for SIGINT and 143 for the others.
ExitCode exit_code_of(int signal);

}  // namespace mnist
