#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/option_table.h"

namespace mnist {

// The rows of the table as CLI11 has them.

/// `groups` and `commands` must outlive the app.
void add_commands(CLI::App& app, const std::vector<OptionGroup>& groups,
                  const std::vector<Command>& commands);

/// Sets the variables of the options that are given. False if --help was asked for. Throws
/// Error(kUsage) for unknown options and for values that are not what is expected.
bool parse_arguments(CLI::App& app, std::vector<std::string> arguments);

/// The command that was given; the program itself if none was.
CLI::App& chosen(CLI::App& app);

/// Where its options are.
CLI::App& place_of_options(CLI::App& app);

}  // namespace mnist
