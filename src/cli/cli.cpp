#include "cli/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>

#include "cli/config_file.h"
#include "cli/option_table.h"
#include "cli/usage_error.h"

namespace mnist {
namespace {

/// The value of --recipe without a name, upon which the recipes are listed. An empty name, as of a
/// variable of the shell that is not set, is another thing: an error.
constexpr const char* kNoRecipe = "\n";

/// Help without CLI11's mark of a flag that switches another one off.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    const std::string name = CLI::Formatter::make_option_name(option, is_positional);
    const std::string mark = "{false}";
    const std::size_t at = name.find(mark);
    return at == std::string::npos ? name : name.substr(0, at) + name.substr(at + mark.size());
  }
};

std::string footer() {
  constexpr std::size_t kWidth = 90;
  std::string text = "Results go to standard output, everything else to standard error.\n";
  std::string line = "Exit codes:";
  const char* separator = "";
  for (const auto& [code, meaning] : kExitCodes) {
    const std::string item = fmt::format("{} {}", static_cast<int>(code), meaning);
    line += std::exchange(separator, ",");
    if (line.size() + item.size() > kWidth) text += std::exchange(line, "") + "\n";
    line += (line.empty() ? "" : " ") + item;
  }
  return text + line;
}

/// The names as CLI11 takes them: "--shuffle,!--no-shuffle", where ! marks what switches it off.
std::string names_for_cli11(const OptionRow& row) {
  std::string names;
  for (const std::string& name : row.names) {
    names += (names.empty() ? "" : ",") + std::string(name.starts_with("--no-") ? "!" : "") + name;
  }
  return names;
}

void add_option(CLI::App& app, const OptionRow& row) {
  const std::string names = names_for_cli11(row);
  CLI::Option* option = nullptr;
  if (names == "-h,--help") {
    option = app.set_help_flag(names, row.help);
  } else if (names == "--config") {
    option = app.set_config(names, "", row.help);
  } else if (row.value.placeholder.empty()) {
    option = app.add_flag(names, row.help);
  } else {
    option = app.add_option(names, row.help);
  }
  option->group(row.group)->configurable(row.affects != Affects::kNothing);
  option->option_text(shown_value(row.value));
  if (names == "--recipe") option->expected(0, 1)->default_str(kNoRecipe);
  if (row.is_argument()) {
    option->expected(1, -1)->allow_extra_args();  // one or more
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
}

/// Makes CLI11's form of the table. The values are set later, by set_options().
void add_commands(CLI::App& app, const std::vector<Command>& table) {
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.formatter(std::make_shared<HelpFormatter>());
  app.footer(footer());
  app.config_formatter(config_reader(app));
  app.require_subcommand(0, 1);
  for (const Command& command : table) {
    CLI::App& place = command.name.empty() ? app : *app.add_subcommand(command.name, command.help);
    place.allow_extras();  // they are refused later, with the name that was probably meant
    place.fallthrough(!command.name.empty() && command.takes_main_options);
    for (const OptionRow& row : command.options) add_option(place, row);
  }
}

/// The last first, as CLI11 wants them.
std::vector<std::string> backwards(const std::vector<std::string>& arguments) {
  std::vector<std::string> reversed;
  const auto end_of_options = std::find(arguments.begin(), arguments.end(), "--");
  for (auto argument = arguments.end(); argument-- != arguments.begin();) {
    reversed.push_back(argument < end_of_options ? with_dashes(*argument) : *argument);
  }
  return reversed;
}

/// Parses, and words CLI11's errors as ours. False if --help was asked for.
bool parse(CLI::App& app, std::vector<std::string> arguments) {
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return false;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string message = error.what();  // starts with the option's name
    fail_usage("{}: expected a value, found none", message.substr(0, message.find(':')));
  } catch (const CLI::FileError&) {
    fail_usage("--config: expected a readable file, found '{}'",
               app.get_config_ptr()->as<std::string>());
  } catch (const CLI::ParseError& error) {
    fail_usage("{}", error.what());
  }
  return true;
}

/// Refuses arguments that the app does not know. CLI11 keeps the -- that ends options among them.
void refuse_extras(const CLI::App& app) {
  for (const std::string& extra : app.remaining()) {
    if (extra == "--") continue;
    if (!extra.starts_with('-')) fail_at_argument(app, extra);
    fail_at_option(app, extra.substr(0, extra.find('=')), "");
  }
}

/// Refuses what was given and would have no effect: unknown arguments, and options of training that
/// stand before a command that does not use them.
void refuse_leftovers(const CLI::App& app, const CLI::App* subcommand) {
  refuse_extras(app);
  if (subcommand == nullptr) return;
  refuse_extras(*subcommand);
  if (subcommand->get_fallthrough()) return;
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0) continue;
    fail_usage("expected the options of {0} after it, found {1} before it", subcommand->get_name(),
               option->get_name());
  }
}

/// All values that the option was given, as text; of a flag only the last.
std::vector<std::string> given_values(const CLI::App& app, const OptionRow& row) {
  const CLI::Option& option = *app.get_option(row.names.front());
  const CLI::results_t& texts = option.results();
  if (texts.empty() || row.value.kind != ValueKind::kFlag) return texts;
  try {
    return {option.as<bool>() ? "true" : "false"};
  } catch (const CLI::ConversionError&) {
    fail_usage("{}: expected true or false, found '{}'", row.names.front(), texts.back());
  }
}

bool is_given(const CLI::App& app, const OptionRow& row) {
  const std::vector<std::string> values = given_values(app, row);
  return !values.empty() && !(row.value.kind == ValueKind::kFlag && values.back() == "false");
}

/// Throws Error(kUsage) if the options that were given do not go together.
void check_options(const CLI::App& app, const Command& command) {
  const auto find = [&](const std::string& name) -> const OptionRow& {
    return *std::find_if(command.options.begin(), command.options.end(),
                         [&](const OptionRow& row) { return row.names.front() == name; });
  };
  const auto described = [](const OptionRow& row) {
    if (row.is_argument()) return row.value.expected;
    return row.names.front() + (row.value.placeholder.empty() ? "" : " ") + row.value.placeholder;
  };
  for (const OptionRow& row : command.options) {
    const std::string& name = row.names.front();
    if (!is_given(app, row)) {
      if (!row.is_required) continue;
      fail_usage("{}: expected {}, found none", command.name, described(row));
    }
    if (!row.excludes.empty() && is_given(app, find(row.excludes))) {
      fail_usage("expected {} or {}, found both", name, row.excludes);
    }
    if (row.needs.empty()) continue;
    const OptionRow& needed = find(row.needs);
    const bool has_effect = is_given(app, needed) && needed.value.text() != "0";
    if (!has_effect) fail_usage("{}: expected {} with it, found none", name, described(needed));
  }
  if (command.finish) {
    command.finish([&](const std::string& name) { return is_given(app, find(name)); });
  }
}

/// Gives the options of a recipe to those that were not given otherwise. Throws Error(kUsage) if
/// there is no such recipe.
void take_recipe(CLI::App& app, const std::string& name) {
  const OptionValue recipe = recipe_name();
  if (!recipe.set(name)) fail_usage("--recipe: expected {}, found '{}'", recipe.expected, name);
  std::istringstream toml{std::string(recipe_toml(name))};
  for (const CLI::ConfigItem& item : app.get_config_formatter()->from_config(toml)) {
    CLI::Option* const option = app.get_option("--" + item.name);
    if (option->count() == 0) option->add_result(item.inputs.front());
  }
}

/// Where the value of an option comes from that is not among the arguments.
std::string source_of(const CLI::App& app, const OptionRow& row,
                      const std::vector<std::string>& arguments) {
  const CLI::Option* const config = app.get_config_ptr();
  if (config == nullptr || config->count() == 0) return "";
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    if (std::find(row.names.begin(), row.names.end(), name) != row.names.end()) return "";
  }
  return config->results().back() + ": ";
}

/// Sets the variables of all options that were given. Each value is checked; the last one counts.
void set_options(const CLI::App& app, const Command& command,
                 const std::vector<std::string>& arguments) {
  for (const OptionRow& row : command.options) {
    if (!row.value.set) continue;  // CLI11 has acted on --help and --config
    for (const std::string& text : given_values(app, row)) {
      if (row.value.set(text)) continue;
      fail_usage("{}{}: expected {}, found '{}'", source_of(app, row, arguments), row.names.front(),
                 row.value.expected, text);
    }
  }
  check_options(app, command);
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& given) {
  CommandLine line;
  const std::vector<Command> table = command_table(line);
  CLI::App app{table.front().help, "mnist-train"};
  add_commands(app, table);
  const std::vector<std::string> arguments = backwards(given);
  if (!parse(app, arguments)) {
    line.action = CommandLine::Action::kPrintHelp;
    line.help = app.help();
    return line;
  }
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  const CLI::App* const subcommand = chosen.empty() ? nullptr : chosen.front();
  refuse_leftovers(app, subcommand);
  const std::string name = chosen.empty() ? "" : subcommand->get_name();
  const Command& command = *std::find_if(table.begin(), table.end(),
                                         [&](const Command& known) { return known.name == name; });
  line.action = command.action;
  if (line.action == CommandLine::Action::kJobs) {
    line.job_defaults = given;
    std::erase(line.job_defaults, command.name);
  }
  if (command.takes_main_options) {
    if (const CLI::Option& recipe = *app.get_option("--recipe"); recipe.count() > 0) {
      if (recipe.results().back() == kNoRecipe) {
        line.action = CommandLine::Action::kPrintHelp;
        line.help = recipe_list();
        return line;
      }
      take_recipe(app, recipe.results().back());
    }
    const CLI::Option& config = *app.get_config_ptr();
    if (config.count() > 0 && config.results().back().empty()) {  // which CLI11 takes for none
      fail_usage("--config: expected a file, found ''");
    }
    set_options(app, table.front(), arguments);
  } else {
    set_options(*subcommand, command, arguments);
  }
  return line;
}

}  // namespace mnist
