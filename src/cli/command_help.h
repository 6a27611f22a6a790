#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace mnist {

// What the command line offers, as data, from which --help's relatives are made: the man page and
// the completions of shells.

struct OptionHelp {
  std::vector<std::string> names;  ///< such as "-h" and "--help"; none of an argument
  std::string value;               ///< such as "N [30]"; empty for a flag
  std::string help;
  std::string group;  ///< such as "Training"
};

struct CommandHelp {
  std::string name;  ///< empty for the program itself
  std::string help;
  std::vector<OptionHelp> options;
  bool takes_main_options;  ///< those of the program itself, after its name
};

/// The program itself first, then its subcommands in their order.
std::vector<CommandHelp> describe(const CLI::App& app);

/// What the value of an option is, as far as a shell can complete it. value_kind() takes the
/// choices of a NAME from the help, which has to end with them; else it throws
/// std::invalid_argument.
struct ValueKind {
  bool is_folder = false;
  bool is_file = false;
  std::vector<std::string> choices;
};
ValueKind value_kind(const OptionHelp& option);

}  // namespace mnist
