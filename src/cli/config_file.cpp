#include "cli/config_file.h"

#include <toml++/toml.h>

#include <array>
#include <sstream>
#include <utility>

#include "base/embedded_file.h"
#include "base/fail.h"
#include "base/text.h"

namespace mnist {
namespace {

constexpr std::array kRecipes{"best", "quick", "plain"};

std::string_view recipe_toml(const std::string& name) {
  return embedded_file("recipes/" + name + ".toml");
}

toml::table parse_toml(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    fail(ErrorKind::kUsage, "line {}: {}", error.source().begin.line, error.description());
  }
}

/// The value as the command line has it: [256, 128] is 256,128.
std::string text_of(const toml::node& value) {
  if (const auto text = value.value_exact<std::string>()) return *text;
  if (const auto number = value.value_exact<double>()) return shortest(*number);
  std::ostringstream text;
  if (const toml::array* const list = value.as_array()) {
    const char* separator = "";
    for (const toml::node& item : *list) text << std::exchange(separator, ",") << text_of(item);
  } else if (value.is_integer()) {
    text << value.as_integer()->get();  // in decimal, whatever the file has
  } else {
    value.visit([&text](const auto& other) { text << other; });
  }
  return text.str();
}

}  // namespace

std::vector<std::string> config_options(std::string_view toml, const std::filesystem::path& dir) {
  std::vector<std::string> options;
  for (const auto& [key, value] : parse_toml(toml)) {
    const std::string name(key.str());
    if (value.is_table()) {
      fail(ErrorKind::kUsage, "expected lines such as lr = 0.01, found a table '{}'", name);
    }
    if (name.starts_with('-')) {
      fail(ErrorKind::kUsage, "expected names without dashes, such as lr = 0.01, found '{}'", name);
    }
    std::string text = text_of(value);
    const bool is_path = name == "data" && !text.empty() && !text.starts_with("~/");
    if (is_path) text = (dir / text).string();
    options.push_back("--" + name + "=" + text);
  }
  return options;
}

OptionValue recipe_name(std::string& name) {
  std::vector<std::pair<std::string, std::string>> choices;
  for (const char* known : kRecipes) choices.emplace_back(known, known);
  return choice<std::string>(name, std::move(choices));
}

std::vector<std::string> recipe_options(const std::string& name) {
  return config_options(recipe_toml(name), "");
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
