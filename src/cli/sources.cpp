#include "cli/sources.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <numeric>
#include <set>
#include <sstream>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "base/template.h"
#include "base/text.h"

namespace mnist {
namespace {

std::string_view recipe_toml(const std::string& name) {
  return embedded_file("recipes/" + name + ".toml");
}

/// Insertions, deletions and replacements of letters that turn one word into the other. Source: V.
/// I. Levenshtein's distance.
std::size_t edit_distance(const std::string& from, const std::string& to) {
  std::vector<std::size_t> edits(to.size() + 1);  // from what has been read to each beginning of it
  std::iota(edits.begin(), edits.end(), 0);
  for (const char letter : from) {
    std::size_t replaced = edits[0]++;
    for (std::size_t i = 0; i < to.size(); ++i) {
      if (letter != to[i]) ++replaced;
      const std::size_t fewest = std::min({edits[i] + 1, edits[i + 1] + 1, replaced});
      replaced = std::exchange(edits[i + 1], fewest);
    }
  }
  return edits.back();
}

/// Throws Error(kUsage) that names the option or command which was probably meant: the one that is
/// fewest edits away, if those are at most a third of the letters.
[[noreturn]] void refuse_unknown(CLI::App& app, const std::string& argument) {
  const bool is_option = argument.starts_with('-');
  const std::string word = argument.substr(0, is_option ? argument.find('=') : std::string::npos);
  std::vector<std::string> known;
  if (is_option) {
    for (const CLI::Option* option : place_of_options(app).get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
  } else if (app.get_subcommands().empty()) {
    for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
  }
  const auto edits = [&word](const std::string& name) { return edit_distance(word, name); };
  const auto meant = std::ranges::min_element(known, {}, edits);
  const bool is_near = meant != known.end() && edits(*meant) <= word.size() / 3;
  fail(ErrorKind::kUsage, "{} '{}'{}", is_option ? "unknown option" : "unexpected argument", word,
       is_near ? fmt::format(" (did you mean '{}'?)", *meant) : "; see --help");
}

/// --weight_decay=0.1 becomes --weight-decay=0.1. Throws Error(kUsage) if nothing follows the =.
std::string with_dashes(std::string argument) {
  if (argument.starts_with("--")) {
    // CLI11 would take the next argument for the value.
    if (argument.find('=') == argument.size() - 1) {
      argument.pop_back();
      fail(ErrorKind::kUsage, "{}: expected a value, found none", argument);
    }
    std::replace(argument.begin(), std::find(argument.begin(), argument.end(), '='), '_', '-');
  }
  return argument;
}

/// The value as the command line has it: [256, 128] is 256,128, and 0x10 is 16.
std::string text_of(const toml::node& value) {
  if (const auto* text = value.as_string()) return text->get();
  if (const auto* number = value.as_floating_point()) return shortest(number->get());
  if (const auto* number = value.as_integer()) return std::to_string(number->get());
  std::ostringstream text;
  if (const toml::array* list = value.as_array()) {
    const char* separator = "";
    for (const toml::node& item : *list) text << std::exchange(separator, ",") << text_of(item);
  } else {
    value.visit([&text](const auto& other) { text << other; });
  }
  return text.str();
}

/// Fills in options that have no value. Returns the names of all.
std::set<std::string> take_toml(CLI::App& app, const toml::table& table,
                                const std::filesystem::path& dir) {
  std::set<std::string> names;
  for (const auto& [key, value] : table) {
    const std::string given = with_dashes("--" + std::string(key.str()));
    CLI::Option* const option = app.get_option_no_throw(given);
    if (option == nullptr) refuse_unknown(app, given);
    const std::string name = option->get_name();
    if (!option->get_configurable()) {
      fail(ErrorKind::kUsage, "{}: not allowed in a config file", name);
    }
    if (!names.insert(name).second) {
      fail(ErrorKind::kUsage, "{}: given twice", name);
    }
    if (option->count() > 0) continue;
    std::string text = text_of(value);
    const bool is_path = name == "--data" && !text.empty() && !text.starts_with("~/");
    if (is_path) text = (dir / text).string();
    option->add_result(option->get_flag_value(given.substr(2), text))->run_callback();
  }
  return names;
}

}  // namespace

bool take_arguments(CLI::App& app, std::vector<std::string> arguments) {
  const auto end_of_options = std::find(arguments.begin(), arguments.end(), "--");
  std::transform(arguments.begin(), end_of_options, arguments.begin(), with_dashes);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return false;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string message = error.what();  // starts with the option's name
    fail(ErrorKind::kUsage, "{}: expected a value, found none",
         message.substr(0, message.find(':')));
  } catch (const CLI::ParseError& error) {
    for (const std::string& extra : app.remaining(true)) {
      if (extra != "--") refuse_unknown(app, extra);  // which may be why another one is missing
    }
    fail(ErrorKind::kUsage, "{}", error.what());
  }
  return true;
}

CLI::App& place_of_options(CLI::App& app) {
  const std::vector<CLI::App*> commands = app.get_subcommands();
  return commands.empty() || commands.front()->get_fallthrough() ? app : *commands.front();
}

Given given_to(const CLI::App& place) {
  Given given;
  for (const CLI::Option* option : place.get_options()) {
    const bool is_flag = option->get_expected_max() == 0;
    if (option->count() > 0 && (!is_flag || option->as<bool>())) given[option->get_name()] = "";
  }
  return given;
}

void take_config(CLI::App& app, const std::string& file, Given& given) {
  const std::string bytes = read_file(file, ErrorKind::kUsage);
  try {
    const std::filesystem::path dir = std::filesystem::path(file).parent_path();
    for (const std::string& name : take_toml(app, toml::parse(bytes), dir)) {
      given.try_emplace(name, file + ": ");
    }
  } catch (const toml::parse_error& error) {
    fail(ErrorKind::kUsage, "{}: line {}: {}", file, error.source().begin.line,
         error.description());
  } catch (const std::runtime_error& error) {  // Error, or one of CLI11
    fail(ErrorKind::kUsage, "{}: {}", file, error.what());
  }
}

void take_recipe(CLI::App& app, const std::string& name) {
  take_toml(app, toml::parse(recipe_toml(name)), "");
}

std::string recipe_list() {
  std::string lines;
  for (const char* name : kRecipes) {
    const std::string_view toml = recipe_toml(name);  // begins with a comment that describes it
    lines += fmt::format("{:<7}{}\n", name, toml.substr(2, toml.find('\n') - 2));
  }
  return lines;
}

}  // namespace mnist
