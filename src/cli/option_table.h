#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/cli.h"
#include "cli/option_value.h"

namespace mnist {

// All that the command line offers, as data: parsing, --help, config.toml, the `config` of
// result.json and the key that decides whether a run may be resumed are made from it. An option is
// a member in options.h, a row here, and the place that uses it.

enum class Affects {
  kNothing,  ///< that is kept: such an option is not taken from a config file
  kResult,   ///< kept in config.toml and result.json
  kWeights,  ///< kept there, and a run can only be resumed with the same value
};

struct OptionRow {
  /// As CLI11 takes them: "--lr,--learning-rate". The help shows the first, "-x" and "--no-x",
  /// which is written "!--no-x" and switches it off. Without dashes it is an argument.
  std::string names;
  OptionValue value;
  std::string help;  ///< lines of at most 50 characters
  Affects affects = Affects::kNothing;
  bool is_required = false;
};

/// Options under one heading of the help.
struct OptionGroup {
  std::string heading;
  std::vector<OptionRow> rows;
};

struct Command {
  std::string name;
  std::string help;
  CommandLine::Action action;
  std::vector<OptionRow> options;
  bool takes_main_options = false;  ///< besides its own
  std::string footer = {};          ///< of its help
};

// The values are bound to the members of what they are given, whose present values are shown as
// the defaults.

/// The options of the program without a command.
std::vector<OptionGroup> main_options(CommandLine& line);
std::vector<OptionRow> training_options(TrainingOptions& training);  ///< one of these groups

std::vector<Command> commands(CommandLine& line);

// What several commands have in common.

constexpr std::int64_t kMaxImages = std::numeric_limits<std::int32_t>::max();

OptionRow data_option(std::string& dir);
std::vector<OptionRow> data_options(DataOptions& data);  ///< --data, and which of its images
std::vector<OptionRow> augment_options(AugmentOptions& augment);  ///< --augment, and how strongly
OptionRow test_limit_option(std::optional<std::int64_t>& limit);
OptionRow seed_option(std::int64_t& seed);
OptionRow threads_option(int& threads);
OptionRow min_accuracy_option(std::optional<double>& percent);
OptionRow json_option(bool& json);

/// The first names of the options that were given, without flags that are off: "--resume=false".
using Given = std::set<std::string>;

/// What rows cannot say. Throws Error(kUsage) if options are in conflict, or one that was given has
/// no effect without another.
void check_options(const CommandLine& line, const Given& given);

}  // namespace mnist
