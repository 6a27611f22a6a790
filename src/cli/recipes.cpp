#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/embedded_file.h"
#include "cli/option_table.h"

namespace mnist {
namespace {

constexpr std::array kNames{"best", "quick", "plain"};

}  // namespace

OptionValue recipe_name() {
  OptionValue value{.kind = ValueKind::kChoice, .placeholder = "NAME"};
  value.choices.assign(kNames.begin(), kNames.end());
  value.expected = or_list(value.choices);
  value.set = [](const std::string& name) {
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
  };
  return value;
}

std::string_view recipe_toml(const std::string& name) {
  return embedded_file("recipes/" + name + ".toml");
}

std::string recipe_list() {
  std::string lines;
  for (const char* name : kNames) {
    const std::string_view toml = recipe_toml(name);
    lines += fmt::format("{:<7}{}\n", name, toml.substr(2, toml.find('\n') - 2));
  }
  return lines;
}

}  // namespace mnist
