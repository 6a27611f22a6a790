#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "mnist_train/options.h"

namespace mnist {

// How options are added that more than one command has.

constexpr std::int64_t kMaxImages = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMaxSeed = std::numeric_limits<std::uint32_t>::max();

/// Adds an option with one value; a default is shown if there is one.
template <typename Value>
CLI::Option* add_value(CLI::App& app, const std::string& name, Value& value,
                       const std::string& type, const std::string& help,
                       const CLI::Validator& check) {
  CLI::Option* const option =
      app.add_option(name, value, help)->check(check)->capture_default_str();
  const std::string initial = option->get_default_str();
  return option->option_text(initial.empty() ? type : type + " [" + initial + "]");
}

/// What names a file or folder: not the empty value of a variable that was never set.
CLI::Validator some_path(const std::string& what);

void add_data_dir(CLI::App& app, std::string& dir);
void add_test_limit(CLI::App& app, std::optional<std::int64_t>& limit);
/// The folder, the limits and --validation.
void add_data_options(CLI::App& app, DataOptions& data);
void add_threads(CLI::App& app, int& threads, const std::string& help);
void add_min_accuracy(CLI::App& app, std::optional<double>& percent);

}  // namespace mnist
