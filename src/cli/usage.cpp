#include "cli/usage.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "cli/nearest.h"
#include "mnist_train/error.h"

namespace mnist {
namespace {

std::string suggestion(const std::string& name, const std::vector<std::string>& known) {
  const auto meant = nearest(name, known);
  return meant ? " (did you mean '" + *meant + "'?)" : "";
}

}  // namespace

void fail_usage(const std::string& problem) {
  throw Error(ExitCode::kUsage, problem + "; see: mnist-train --help");
}

void refuse_option(const CLI::App& app, const std::string& name, const std::string& where) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& long_name : option->get_lnames()) known.push_back("--" + long_name);
  }
  fail_usage(where + "unknown option '" + name + "'" + suggestion(name, known));
}

void refuse_argument(const CLI::App& app, const std::string& argument) {
  std::vector<std::string> known;
  for (const CLI::App* subcommand : app.get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(subcommand->get_name());
    if (argument == known.back()) fail_usage("expected one command, found also '" + argument + "'");
  }
  fail_usage("unexpected argument '" + argument + "'" + suggestion(argument, known));
}

std::string with_dashes(std::string argument) {
  if (argument.rfind("--", 0) != 0) return argument;
  const std::size_t end = std::min(argument.find('='), argument.size());
  // CLI11 would take the next argument for the value of `--data=`.
  if (end + 1 == argument.size()) {
    fail_usage(argument.substr(0, end) + ": expected a value, found none");
  }
  std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  return argument;
}

}  // namespace mnist
