#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "mnist_train/options.h"

namespace mnist {

/// What CLI11 cannot bind to an option's type by itself.
struct RawOptions {
  std::string hidden;
  std::string engine = "auto";
  std::string max_time;
  bool resume = false;
  bool overwrite = false;
  bool print_config = false;
  bool quiet = false;
  bool verbose = false;
  bool version = false;
};

/// Adds the options of training, which the program has without a subcommand.
void add_main_options(CLI::App& app, Options& options, RawOptions& raw);

/// What they came to, whole. Throws Error(kUsage) if they do not go together.
Options checked_options(Options options, const RawOptions& raw);

}  // namespace mnist
