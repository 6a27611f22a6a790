#include "cli/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/file.h"
#include "cli/config_file.h"
#include "cli/nearest.h"
#include "cli/option_table.h"
#include "mnist_train/error.h"

namespace mnist {
namespace {

/// Help without aliases: an option has its first name, its letter and the name that switches it
/// off.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    if (is_positional) return CLI::Formatter::make_option_name(option, true);
    std::string shown;
    for (const std::string& letter : option->get_snames()) shown += "-" + letter + ",";
    for (const std::string& name : option->get_lnames()) {
      const bool is_first = name == option->get_lnames().front();
      if (is_first || name.starts_with("no-")) shown += "--" + name + ",";
    }
    return shown.substr(0, shown.size() - 1);
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string& text = option->get_option_text();
    return text.empty() ? "" : " " + text;
  }
};

std::string exit_codes() {
  std::string text =
      "Results go to standard output, everything else to standard error.\n\nExit codes:";
  for (const auto& [code, meaning] : kExitCodes) {
    text += fmt::format("\n  {:<5}{}", static_cast<int>(code), meaning);
  }
  return text;
}

/// "N [30]", with what the variable holds, if that is something; empty for a flag.
std::string shown_value(const OptionValue& value) {
  if (value.placeholder.empty() || !value.written) return value.placeholder;
  const std::string initial = plain_text(value.written());
  return initial.empty() ? value.placeholder : value.placeholder + " [" + initial + "]";
}

/// A row's variable is set by its validator, as often as the option is given: the last value
/// counts, but each is checked.
void add_option(CLI::App& app, const OptionRow& row, const std::string& group) {
  const bool is_flag = row.value.placeholder.empty();
  CLI::Option& option =
      is_flag ? *app.add_flag(row.names, row.help) : *app.add_option(row.names, row.help);
  option.check(CLI::Validator([&row](std::string& text) { return row.value.set(text); }, ""));
  option.group(group)->required(row.is_required)->configurable(row.affects != Affects::kNothing);
  option.multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  if (row.names.starts_with('-')) {
    option.option_text(shown_value(row.value));
  } else {
    option.expected(1, -1)->allow_extra_args();  // one or more
    option.multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
}

/// CLI11's form of the rows, which must outlive it.
void add_commands(CLI::App& app, const std::vector<OptionGroup>& groups,
                  const std::vector<Command>& commands) {
  app.formatter(std::make_shared<HelpFormatter>());
  for (const OptionGroup& group : groups) {
    for (const OptionRow& row : group.rows) add_option(app, row, group.heading);
    if (group.heading != "Run") continue;
    app.set_help_flag("-h,--help", "Print this help and exit")->group(group.heading);
  }
  app.require_subcommand(0, 1);
  for (const Command& command : commands) {
    CLI::App& place = *app.add_subcommand(command.name, command.help);
    place.fallthrough(command.takes_main_options)->footer(command.footer);
    for (const OptionRow& row : command.options) add_option(place, row, "Options");
  }
  app.footer(exit_codes());
}

/// --weight_decay=0.1 becomes --weight-decay=0.1: sweep tools write the names of options like
/// variables. Throws Error(kUsage) if nothing follows the =.
std::string with_dashes(std::string argument) {
  if (!argument.starts_with("--")) return argument;
  const std::size_t end = std::min(argument.find('='), argument.size());
  // CLI11 would take the next argument for the value of `--data=`.
  if (end + 1 == argument.size()) {
    fail(ExitCode::kUsage, "{}: expected a value, found none", argument.substr(0, end));
  }
  std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  return argument;
}

/// The command that was given; the program itself if none was.
CLI::App& chosen(CLI::App& app) {
  const std::vector<CLI::App*> given = app.get_subcommands();
  return given.empty() ? app : *given.front();
}

/// Where its options are.
CLI::App& place_of_options(CLI::App& app) {
  CLI::App& command = chosen(app);
  return command.get_fallthrough() ? app : command;
}

/// Refuses the first unknown argument, and names the option or command that was probably meant.
void refuse_extras(CLI::App& app) {
  for (const std::string& extra : app.remaining(true)) {
    if (extra == "--") continue;  // which ends the options
    const bool is_option = extra.starts_with('-');
    const std::string word = extra.substr(0, is_option ? extra.find('=') : std::string::npos);
    std::vector<std::string> known;
    for (const CLI::Option* option : place_of_options(app).get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
    if (!is_option) known.clear();
    if (!is_option && &chosen(app) == &app) {
      for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
    }
    const auto meant = nearest(word, known);
    fail(ExitCode::kUsage, "{} '{}'{}", is_option ? "unknown option" : "unexpected argument", word,
         meant ? fmt::format(" (did you mean '{}'?)", *meant) : "; see --help");
  }
}

/// Sets the variables of the options that are given. False if --help was asked for.
bool parse(CLI::App& app, std::vector<std::string> arguments) {
  const auto end_of_options = std::find(arguments.begin(), arguments.end(), "--");
  std::transform(arguments.begin(), end_of_options, arguments.begin(), with_dashes);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return false;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string message = error.what();  // starts with the option's name
    fail(ExitCode::kUsage, "{}: expected a value, found none",
         message.substr(0, message.find(':')));
  } catch (const CLI::ValidationError& error) {
    fail(ExitCode::kUsage, "{}", error.what());
  } catch (const CLI::ParseError& error) {
    refuse_extras(app);  // a misspelt option may be why another one is missing
    fail(ExitCode::kUsage, "{}", error.what());
  }
  return true;
}

Given given_to(const CLI::App& app) {
  Given given;
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0) continue;
    const bool is_flag = option->get_expected_max() == 0;
    if (is_flag && !parse_flag(option->results().back()).value_or(true)) continue;
    given.insert(option->get_name());
  }
  return given;
}

/// Sets the options in a config file. Returns which.
Given take_config(CLI::App& app, const std::string& file) {
  const auto [toml, problem] = read_file(file);
  if (!problem.empty()) fail(ExitCode::kUsage, "{}", problem);
  parse(app, config_options(toml, std::filesystem::path(file).parent_path()));
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0 || (option->count() == 1 && option->get_configurable())) continue;
    const char* const expected = option->get_configurable()
                                     ? "each option once, found two names of"
                                     : "options that decide the result, found";
    fail(ExitCode::kUsage, "expected {} {}", expected, option->get_name());
  }
  return given_to(app);
}

bool go_together(const CommandLine& line, const Given& given) {
  try {
    check_options(line, given);
  } catch (const Error&) {
    return false;
  }
  return true;
}

/// Puts the options of --recipe and those of --config under those of the command line, which may
/// leave options of a file without effect that make sense by themselves.
void take_sources(CLI::App& app, CommandLine& line, const std::vector<std::string>& arguments) {
  for (const char* source : {"--recipe", "--config"}) {
    if (app.count(source) > 1) {
      fail(ExitCode::kUsage, "{}: expected one, found {}", source, app.count(source));
    }
  }
  const std::string recipe = line.recipe;
  const std::string config = line.config;
  if (recipe.empty() && config.empty()) return;
  line = CommandLine();
  if (!recipe.empty()) parse(app, recipe_options(recipe));
  if (config.empty()) {
    parse(app, arguments);
    return;
  }
  try {
    const Given in_file = take_config(app, config);
    const bool made_sense = go_together(line, in_file);
    parse(app, arguments);
    if (!made_sense) check_options(line, in_file);
  } catch (const Error& error) {
    fail(ExitCode::kUsage, "{}: {}", config, error.what());
  }
}

/// Takes the action of the command that was given. Refuses options that stand before it and that it
/// does not use.
void take_command(CLI::App& app, const std::vector<Command>& commands, CommandLine& line) {
  const CLI::App& given = chosen(app);
  const auto command = std::find_if(commands.begin(), commands.end(), [&given](const Command& one) {
    return one.name == given.get_name();
  });
  if (command == commands.end()) return;
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0 || command->takes_main_options) continue;
    fail(ExitCode::kUsage, "expected the options of {} after it, found {} before it", command->name,
         option->get_name());
  }
  if (line.action != CommandLine::Action::kTrain) {
    fail(ExitCode::kUsage, "{} excludes --version and --print-config", command->name);
  }
  line.action = command->action;
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
  CommandLine line;
  const std::vector<OptionGroup> groups = main_options(line);
  const std::vector<Command> all_commands = commands(line);
  CLI::App app{"Train a multilayer perceptron on MNIST and test it.", "mnist-train"};
  add_commands(app, groups, all_commands);
  const bool lists_recipes = arguments.size() == 1 && arguments[0] == "--recipe";
  if (lists_recipes || !parse(app, arguments)) {
    line.action = CommandLine::Action::kPrintHelp;
    line.help = lists_recipes ? recipe_list() : app.help();
    for (std::size_t at = 0; (at = line.help.find("\n\n\n", at)) != std::string::npos;) {
      line.help.erase(at, 1);  // CLI11 leaves two empty lines between groups
    }
    return line;
  }
  const CLI::App& place = place_of_options(app);
  if (&place == &app) take_sources(app, line, arguments);
  take_command(app, all_commands, line);
  if (line.action == CommandLine::Action::kJobs) {
    line.job_defaults = arguments;
    line.job_defaults.erase(std::find(line.job_defaults.begin(), line.job_defaults.end(), "jobs"));
  }
  const Given given = given_to(place);
  check_options(line, given);
  if (place.get_name() == "show" && given.count("--index") > given.count("--count")) {
    line.show.count = 1;
  }
  // A config file's --patience, which the command line has left without effect.
  if (line.options.data.validation == 0) line.options.training.patience.reset();
  return line;
}

}  // namespace mnist
