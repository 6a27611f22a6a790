#include "cli/usage_error.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace mnist {
namespace {

/// Insertions, deletions and replacements that turn one word into the other.
std::size_t edit_distance(const std::string& from, const std::string& to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

std::string suggestion(const std::string& name, const std::vector<std::string>& known) {
  const auto meant = nearest(name, known);
  return meant ? fmt::format(" (did you mean '{}'?)", *meant) : "";
}

}  // namespace

std::optional<std::string> nearest(const std::string& word,
                                   const std::vector<std::string>& candidates) {
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 4) + 1;
  for (const std::string& candidate : candidates) {
    const bool extended = !candidate.empty() && word.compare(0, candidate.size(), candidate) == 0;
    const std::size_t distance = extended ? 1 : edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

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
