#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>

#include "base/file.h"
#include "base/template.h"
#include "cli/option_table.h"
#include "mnist_train/error.h"

namespace mnist {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

template <typename Range>
std::string joined(const Range& words, const char* separator = " ") {
  return fmt::format("{}", fmt::join(words, separator));
}

Json view_of(const OptionRow& row, bool starts_group) {
  const ValueKind kind = row.value.kind;
  Json names = Json::array();
  for (const std::string& name : row.names) {
    const bool is_letter = name.size() == 2;
    const bool is_word = name.starts_with("--");
    names.push_back({{"name", row.is_argument() ? "*" : name},
                     {"follows_another", name != row.names.front()},
                     {"letter", is_letter ? name.substr(1) : ""},
                     {"word", is_word ? name.substr(2) : ""}});
  }
  return {{"heading", starts_group ? row.group : ""},
          {"names", names},
          {"is_option", !row.is_argument()},
          {"help", row.help},
          {"shown_value", shown_value(row.value)},
          {"placeholder", row.value.placeholder},
          {"takes_folder", kind == ValueKind::kFolder},
          {"takes_file", kind == ValueKind::kFile},
          {"takes_other", kind == ValueKind::kNumber || kind == ValueKind::kText},
          {"choices", joined(row.value.choices)}};
}

Json view_of(const Command& command) {
  Json options = Json::array();
  std::string group = OptionRow().group;  // needs no heading
  for (const OptionRow& row : command.options) {
    options.push_back(view_of(row, row.group != group));
    group = row.group;
  }
  return {{"command", command.name},
          {"command_help", command.help},
          {"takes_main_options", command.takes_main_options},
          {"options", options}};
}

/// What may follow a command: its options, and for the program itself the commands.
Json words_after(const Command& command, const std::vector<OptionRow>& options,
                 const Words& names) {
  Words words;
  bool takes_files = false;
  for (const OptionRow& row : options) {
    takes_files = takes_files || row.is_argument();
    if (!row.is_argument()) words.insert(words.end(), row.names.begin(), row.names.end());
  }
  if (command.name.empty()) words.insert(words.end(), names.begin(), names.end());
  return {{"after", command.name}, {"words", joined(words)}, {"takes_files", takes_files}};
}

/// The names of the options that take a value, by the kind of that value.
Json view_of_values(const std::vector<Command>& table) {
  std::map<ValueKind, std::set<std::string>> names;
  std::map<std::string, std::string> choices;
  for (const Command& command : table) {
    for (const OptionRow& row : command.options) {
      if (row.is_argument()) continue;
      const ValueKind kind = row.value.kind;
      names[kind == ValueKind::kText ? ValueKind::kNumber : kind].insert(row.names.front());
      if (kind == ValueKind::kChoice) choices[row.names.front()] = joined(row.value.choices);
    }
  }
  Json choosers = Json::array();
  for (const auto& [name, words] : choices) choosers.push_back({{"name", name}, {"words", words}});
  return {{"others", joined(names[ValueKind::kNumber], " | ")},
          {"files", joined(names[ValueKind::kFile], " | ")},
          {"folders", joined(names[ValueKind::kFolder], " | ")},
          {"choosers", choosers}};
}

/// What the templates say of commands, options and exit codes.
Json view_of_program() {
  CommandLine defaults;
  const std::vector<Command> table = command_table(defaults);
  const Command& main = table.front();
  Words names;
  Words names_with_own_options;
  Json commands = Json::array();
  Json with_own_options = Json::array();
  for (const Command& command : table) {
    if (command.name.empty()) continue;
    names.push_back(command.name);
    commands.push_back(view_of(command));
    if (command.takes_main_options) continue;
    names_with_own_options.push_back(command.name);
    with_own_options.push_back(commands.back());
  }
  Json words = Json::array();
  for (const Command& command : table) {
    words.push_back(
        words_after(command, command.takes_main_options ? main.options : command.options, names));
  }
  Json exit_codes = Json::array();
  for (const auto& [code, meaning] : kExitCodes) {
    exit_codes.push_back(
        {{"code", fmt::format("{}", static_cast<int>(code))}, {"meaning", meaning}});
  }
  return {{"version", MNIST_TRAIN_VERSION},
          {"main", view_of(main)},
          {"commands", commands},
          {"words", words},
          {"values", view_of_values(table)},
          {"command_names", joined(names, " | ")},
          {"with_own_options", with_own_options},
          {"names_with_own_options", joined(names_with_own_options)},
          {"exit_codes", exit_codes}};
}

/// The text with each character of `table` replaced.
std::string replaced(const std::string& text, const std::map<char, std::string>& table) {
  std::string result;
  for (const char c : text) {
    const auto found = table.find(c);
    result += found == table.end() ? std::string(1, c) : found->second;
  }
  return result;
}

/// Text as roff takes it literally. A plain - may become a typographic hyphen, which no shell
/// takes, and a line that begins with a . or a ' would be a command.
std::string escape_roff(const std::string& text) {
  const std::string start = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  return start + replaced(text, {{'\\', "\\e"}, {'-', "\\-"}});
}

/// Text for between single quotes, on one line.
std::string escape_shell(const std::string& text) {
  return replaced(text, {{'\'', "'\\''"}, {'\n', " "}});
}

/// The same for _arguments of zsh, in which [, ] and : have a meaning.
std::string escape_zsh(const std::string& text) {
  return replaced(escape_shell(text), {{'[', "\\["}, {']', "\\]"}, {':', "\\:"}});
}

void write_docs(const std::filesystem::path& templates, const std::filesystem::path& out) {
  const std::map<std::string, Escape> files{{"mnist-train.1", escape_roff},
                                            {"completion.bash", escape_shell},
                                            {"completion.zsh", escape_zsh},
                                            {"completion.fish", escape_shell}};
  const Json view = view_of_program();
  std::filesystem::create_directories(out);
  for (const auto& [name, escape] : files) {
    const std::filesystem::path source = templates / (name + ".in");
    const auto [text, problem] = read_file(source);
    if (!problem.empty()) throw std::runtime_error(source.string() + ": " + problem);
    std::ofstream file(out / name, std::ios::binary);
    file << render_template(text, view, escape) << std::flush;
    if (!file) throw std::runtime_error((out / name).string() + ": could not be written");
  }
}

}  // namespace
}  // namespace mnist

// Used by the build: writes the man page and the completions of shells. Arguments: the folder of
// the templates and the one to write to.
int main(int argc, char** argv) {
  try {
    if (argc != 3) throw std::runtime_error("expected two folders");
    mnist::write_docs(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::cerr << "mnist_docs: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
