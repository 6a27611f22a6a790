#include <algorithm>
#include <cstddef>
#include <set>
#include <string>

#include "cli/docs.h"

namespace mnist {
namespace {

std::string joined(const std::vector<std::string>& words, const std::string& separator = " ") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

std::vector<std::string> names(const std::vector<CommandHelp>& commands) {
  std::vector<std::string> found;
  for (const CommandHelp& command : commands) {
    if (!command.name.empty()) found.push_back(command.name);
  }
  return found;
}

/// Whether other words than options may follow: files.
bool takes_files(const CommandHelp& command) {
  return std::any_of(command.options.begin(), command.options.end(),
                     [](const OptionHelp& option) { return option.names.empty(); });
}

/// The text with a backslash before each of `special`.
std::string escaped(const std::string& text, const std::string& special) {
  std::string result;
  for (const char c : text) {
    if (special.find(c) != std::string::npos) result += '\\';
    result += c;
  }
  return result;
}

/// The text on one line and in single quotes.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c == '\n' ? ' ' : c;
    }
  }
  return result + "'";
}

// bash

std::string bash_action(const ValueKind& kind) {
  if (kind.is_folder) return "compopt -o dirnames";
  if (kind.is_file) return "compopt -o default";
  if (kind.choices.empty()) return "COMPREPLY=()";
  return "mapfile -t COMPREPLY < <(compgen -W '" + joined(kind.choices) + "' -- \"$word\")";
}

std::string bash_words(const CommandHelp& command, const std::vector<std::string>& more) {
  std::vector<std::string> words;
  for (const OptionHelp& option : command.options) {
    words.insert(words.end(), option.names.begin(), option.names.end());
  }
  words.insert(words.end(), more.begin(), more.end());
  const std::string pattern = command.name.empty() ? "''" : command.name;
  return "        " + pattern + ") words='" + joined(words) + "'" +
         (takes_files(command) ? "; compopt -o default" : "") + " ;;\n";
}

// zsh

std::string zsh_action(const OptionHelp& option) {
  const ValueKind kind = value_kind(option);
  if (kind.is_folder) return ":folder:_files -/";
  if (kind.is_file || option.names.empty()) return ":file:_files";
  if (!kind.choices.empty()) return ":name:(" + joined(kind.choices) + ")";
  return ":" + option.value.substr(0, option.value.find(' ')) + ":";
}

std::string zsh_specs(const CommandHelp& command, const std::string& indent) {
  std::vector<std::string> specs;
  for (const OptionHelp& option : command.options) {
    if (option.names.empty()) specs.push_back(indent + quoted("*" + zsh_action(option)));
    const std::string help = "[" + escaped(option.help, "[]:") + "]";
    const std::string rest = option.value.empty() ? help : "=" + help + zsh_action(option);
    for (const std::string& name : option.names) specs.push_back(indent + quoted(name + rest));
  }
  return joined(specs, command.name.empty() ? "\n" : " \\\n");
}

// fish

std::string fish_value(const OptionHelp& option) {
  const ValueKind kind = value_kind(option);
  if (option.value.empty()) return "";
  if (kind.is_folder) return " -x -a '(__fish_complete_directories)'";
  if (kind.is_file) return " -r -F";
  return kind.choices.empty() ? " -x" : " -x -a '" + joined(kind.choices) + "'";
}

std::string fish_option(const OptionHelp& option, const std::string& when) {
  std::string line = "complete -c mnist-train -n '" + when + "'";
  for (const std::string& name : option.names) {
    line += name.size() == 2 ? " -s " + name.substr(1) : " -l " + name.substr(2);
  }
  if (option.names.empty()) return line + " -F\n";
  return line + fish_value(option) + " -d " + quoted(option.help) + "\n";
}

}  // namespace

Parts bash_parts(const std::vector<CommandHelp>& commands) {
  Parts parts{{"COMMANDS", "            " + joined(names(commands), " | ")}};
  std::map<std::string, std::set<std::string>> names_by_action;
  for (const CommandHelp& command : commands) {
    for (const OptionHelp& option : command.options) {
      if (option.value.empty()) continue;
      names_by_action[bash_action(value_kind(option))].insert(option.names.begin(),
                                                              option.names.end());
    }
    CommandHelp whole = command;
    if (command.takes_main_options) whole.options = commands.front().options;
    parts["WORDS"] +=
        bash_words(whole, command.name.empty() ? names(commands) : std::vector<std::string>{});
  }
  for (const auto& [action, names] : names_by_action) {
    parts["VALUES"] +=
        "        " + joined({names.begin(), names.end()}, " | ") + ") " + action + "; return ;;\n";
  }
  return parts;
}

Parts zsh_parts(const std::vector<CommandHelp>& commands) {
  Parts parts{{"OPTIONS", zsh_specs(commands.front(), "  ")}};  // an array, one a line
  for (const CommandHelp& command : commands) {
    if (command.name.empty()) continue;
    parts["COMMANDS"] += "  " + command.name + ":" + quoted(command.help) + "\n";
    const std::string specs =
        command.takes_main_options ? " $main_options" : " \\\n" + zsh_specs(command, "        ");
    parts["WORDS"] += "      " + command.name + ") _arguments" + specs + " ;;\n";
  }
  return parts;
}

Parts fish_parts(const std::vector<CommandHelp>& commands) {
  Parts parts;
  std::vector<std::string> with_own_options;
  for (const CommandHelp& command : commands) {
    if (command.name.empty()) continue;
    parts["COMMANDS"] += "complete -c mnist-train -n __fish_use_subcommand -a " + command.name +
                         " -d " + quoted(command.help) + "\n";
    if (!command.takes_main_options) with_own_options.push_back(command.name);
  }
  const std::string seen = "__fish_seen_subcommand_from ";
  for (const CommandHelp& command : commands) {
    if (command.takes_main_options) continue;
    const std::string when =
        command.name.empty() ? "not " + seen + joined(with_own_options) : seen + command.name;
    for (const OptionHelp& option : command.options) {
      parts["OPTIONS"] += fish_option(option, when);
    }
  }
  return parts;
}

}  // namespace mnist
