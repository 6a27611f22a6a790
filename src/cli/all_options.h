#pragma once

#include <CLI/CLI.hpp>

#include "cli/cli.h"

namespace mnist {

// All that the command line offers, as options of CLI11: parsing, --help, config.toml, the `config`
// of result.json and the key that decides whether a run may be resumed are made from them. An
// option is a member with its default, a line here, and the place that uses it. One that is
// configurable() is kept in config.toml and result.json, and taken from a config file.

/// Adds the options of a training run, bound to `line`, whose present values are the defaults.
void add_main_options(CLI::App& app, CommandLine& line);

/// Adds the commands, and the options of each.
void add_commands(CLI::App& app, CommandLine& line);

}  // namespace mnist
