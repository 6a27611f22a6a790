#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/cli.h"
#include "cli/option_value.h"

namespace mnist {

// All that the command line offers, as data. Parsing, --help, --config, --print-config,
// config.toml, the `config` of result.json, the key that decides whether a run may be resumed, the
// man page and the completions of shells are all made from it: whoever adds an option adds one row.

enum class Affects {
  kNothing,  ///< that is kept: such an option is not taken from a config file
  kResult,   ///< kept in config.toml and result.json
  kWeights,  ///< kept there, and a run can only be resumed with the same value
};

/// The first four columns are all that most rows have; other rows name their columns.
struct OptionRow {
  std::vector<std::string> names;  ///< "--no-x" switches "--x" off; no dashes: an argument
  OptionValue value;
  std::string help;  ///< may have several lines
  Affects affects = Affects::kNothing;
  std::string needs = {};          ///< another option that has to be given with this one
  std::string excludes = {};       ///< another option that may not be given with this one
  bool is_required = false;        ///< the command cannot do without it
  std::string written_after = {};  ///< its place in files, where that is not its place in the table
  std::string group = "Options";   ///< its heading in the help

  bool is_argument() const { return names.front().front() != '-'; }
};

/// Whether the option of that name was given on the command line or in a config file.
using IsGiven = std::function<bool(const std::string& name)>;

struct Command {
  std::string name;  ///< empty: the program without a command, which trains
  std::string help;
  CommandLine::Action action;
  std::vector<OptionRow> options;
  bool takes_main_options = false;  ///< in place of its own: those of the program
  /// What the rows cannot say. Throws Error(kUsage) if the options do not go together.
  std::function<void(const IsGiven& is_given)> finish = {};
};

/// The program without a command first, then its commands. Their options are bound to the members
/// of `line`, whose present values they show as their defaults.
std::vector<Command> command_table(CommandLine& line);

/// The options of the program without a command.
std::vector<OptionRow> main_options(CommandLine& line);

/// --data, --train-limit, --test-limit and --validation.
std::vector<OptionRow> data_options(DataOptions& data);

// What several commands have in common.

constexpr std::int64_t kMaxImages = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMaxSeed = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t kMaxThreads = 1024;

/// --augment and how strongly.
std::vector<OptionRow> augment_options(AugmentOptions& augment);

// Recipes are options that do well together: the files of scripts/recipes, which are built in.

/// The value of --recipe: all their names. The options of a recipe are taken by cli.cpp.
OptionValue recipe_name();

/// The options of a recipe, as a file for --config. Its first line is a comment that says what the
/// recipe is for.
std::string_view recipe_toml(const std::string& name);

/// A line for each recipe: its name, and what it is for.
std::string recipe_list();

OptionRow help_option();
OptionRow data_option(std::string& dir);
OptionRow test_limit_option(std::optional<std::int64_t>& limit);
OptionRow min_accuracy_option(std::optional<double>& percent);
OptionRow json_option(bool& json);

}  // namespace mnist
