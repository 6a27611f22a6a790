#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace mnist {

// What the command line and config files have in common.

/// Throws Error(kUsage).
[[noreturn]] void fail_usage(const std::string& problem);

/// The same for an option that `app` has not, with the nearest that it has. `where` it stands is
/// put before.
[[noreturn]] void refuse_option(const CLI::App& app, const std::string& name,
                                const std::string& where);

/// The same for an argument that is no option, with the nearest subcommand.
[[noreturn]] void refuse_argument(const CLI::App& app, const std::string& argument);

/// --weight_decay=0.1 -> --weight-decay=0.1: sweep tools write option names as variables. Throws
/// Error(kUsage) if the value is missing.
std::string with_dashes(std::string argument);

}  // namespace mnist
