#include "cli/usage_error.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "cli/nearest.h"

namespace mnist {
namespace {

std::string suggestion(const std::string& name, const std::vector<std::string>& known) {
  const auto meant = nearest(name, known);
  return meant ? fmt::format(" (did you mean '{}'?)", *meant) : "";
}

}  // namespace

void fail_at_option(const CLI::App& app, const std::string& name, const std::string& where) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& long_name : option->get_lnames()) known.push_back("--" + long_name);
  }
  fail_usage("{}unknown option '{}'{}", where, name, suggestion(name, known));
}

void fail_at_argument(const CLI::App& app, const std::string& argument) {
  std::vector<std::string> known;
  for (const CLI::App* subcommand : app.get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(subcommand->get_name());
    if (argument == known.back()) fail_usage("expected one command, found also '{}'", argument);
  }
  fail_usage("unexpected argument '{}'{}", argument, suggestion(argument, known));
}

std::string with_dashes(std::string argument) {
  if (!argument.starts_with("--")) return argument;
  const std::size_t end = std::min(argument.find('='), argument.size());
  // CLI11 would take the next argument for the value of `--data=`.
  if (end + 1 == argument.size()) {
    fail_usage("{}: expected a value, found none", argument.substr(0, end));
  }
  std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  return argument;
}

}  // namespace mnist
