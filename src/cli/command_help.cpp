#include "cli/command_help.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <stdexcept>

namespace mnist {
namespace {

bool starts_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

OptionHelp describe(const CLI::Option& option) {
  OptionHelp help{{}, option.get_option_text(), option.get_description(), option.get_group()};
  for (const std::string& name : option.get_snames()) help.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) help.names.push_back("--" + name);
  return help;
}

CommandHelp describe(const CLI::App& app, const std::string& name) {
  CommandHelp command{name, app.get_description(), {}, app.get_fallthrough()};
  for (const CLI::Option* option : app.get_options()) command.options.push_back(describe(*option));
  return command;
}

/// "auto, autograd or sparse" as its three words.
std::vector<std::string> words_of_list(std::string list) {
  const std::string last = " or ";
  const std::size_t at = list.find(last);
  if (at != std::string::npos) list.replace(at, last.size(), ", ");
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(", ", begin), list.size());
    words.push_back(list.substr(begin, end - begin));
    begin = end + 2;
  }
  return words;
}

}  // namespace

std::vector<CommandHelp> describe(const CLI::App& app) {
  std::vector<CommandHelp> commands{describe(app, "")};
  for (const CLI::App* subcommand : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back(describe(*subcommand, subcommand->get_name()));
  }
  return commands;
}

ValueKind value_kind(const OptionHelp& option) {
  ValueKind kind;
  kind.is_folder = starts_with(option.value, "DIR");
  kind.is_file = starts_with(option.value, "FILE") || starts_with(option.value, "IMAGE");
  if (!starts_with(option.value, "NAME")) return kind;
  // Its help ends with the names, and perhaps the default: "Which images: train or test [train]".
  const std::size_t colon = option.help.find(": ");
  if (colon == std::string::npos) throw std::invalid_argument("no names in: " + option.help);
  const std::size_t begin = colon + 2;
  kind.choices = words_of_list(option.help.substr(begin, option.help.find(" [") - begin));
  return kind;
}

}  // namespace mnist
