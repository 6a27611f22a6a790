#pragma once

#include "base/exit_code.h"
#include "cli/cli.h"

namespace mnist {

/// Does what the command line asks for, by one of the functions of commands.h.
ExitCode run_command(const CommandLine& command);

/// The exception that is being handled, in words for the user.
Error current_error();

}  // namespace mnist
