#include "cli/cli.h"

#include <filesystem>

#include "base/fail.h"
#include "base/file.h"
#include "cli/config_file.h"
#include "cli/option_table.h"
#include "cli/parser.h"

namespace mnist {
namespace {

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

/// Sets the options in a config file, which holds `toml`. Returns which.
Given take_config(CLI::App& app, const std::string& file, const std::string& toml) {
  parse_arguments(app, config_options(toml, std::filesystem::path(file).parent_path()));
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0 || (option->count() == 1 && option->get_configurable())) continue;
    const char* const expected = option->get_configurable()
                                     ? "each option once, found two names of"
                                     : "options that decide the result, found";
    fail(ErrorKind::kUsage, "expected {} {}", expected, option->get_name());
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
      fail(ErrorKind::kUsage, "{}: expected one, found {}", source, app.count(source));
    }
  }
  const std::string recipe = line.recipe;
  const std::string config = line.config;
  if (recipe.empty() && config.empty()) return;
  line = CommandLine();
  if (!recipe.empty()) parse_arguments(app, recipe_options(recipe));
  if (config.empty()) {
    parse_arguments(app, arguments);
    return;
  }
  const std::string toml = read_file(config, ErrorKind::kUsage);
  try {
    const Given in_file = take_config(app, config, toml);
    const bool made_sense = go_together(line, in_file);
    parse_arguments(app, arguments);
    if (!made_sense) check_options(line, in_file);
  } catch (const Error& error) {
    fail(ErrorKind::kUsage, "{}: {}", config, error.what());
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
    fail(ErrorKind::kUsage, "expected the options of {} after it, found {} before it",
         command->name, option->get_name());
  }
  if (line.action != CommandLine::Action::kTrain) {
    fail(ErrorKind::kUsage, "{} excludes --version and --print-config", command->name);
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
  if (lists_recipes || !parse_arguments(app, arguments)) {
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
