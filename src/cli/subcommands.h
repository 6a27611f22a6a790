#pragma once

#include <CLI/CLI.hpp>

#include "cli/cli.h"

namespace mnist {

/// Adds spawn, show, eval, predict, report and draw. The one that is given sets the action of
/// `command` and its options, which throws Error(kUsage) if they do not go together.
void add_subcommands(CLI::App& app, CommandLine& command);

}  // namespace mnist
