#pragma once

#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace mnist {

/// The text in quotes, as TOML and JSON both write it; nothing for an empty one. Throws
/// Error(kUsage) if it is not UTF-8.
std::string quoted(const std::string& text);

/// The values of an option.
template <typename Value>
struct Values {
  std::string placeholder;  ///< in the help, such as "N"
  std::string expected;     ///< in messages, such as "a whole number from 1 to 9"
  std::function<std::optional<Value>(const std::string& text)> parse;
  std::function<std::string(const Value&)> write = [](const Value& value) {
    return fmt::format("{}", value);
  };
};

constexpr double kLargestNumber = std::numeric_limits<double>::max();

Values<std::int64_t> whole_number(std::int64_t low, std::int64_t high,
                                  std::string placeholder = "N");
Values<double> number(double low, double high = kLargestNumber, std::string placeholder = "X");
Values<double> percentage();                                 ///< not 0.97, which is meant as 97
Values<double> duration();                                   ///< seconds; such as 90, 10m or 1h30m
Values<std::vector<std::int64_t>> layer_sizes();             ///< such as 256,128, or none
Values<std::string> device_name();                           ///< see ComputeOptions::device
Values<std::string> path(std::string placeholder = "FILE");  ///< in UTF-8; empty: not given

/// The names of an enum's values, in their order.
template <typename Enum>
Values<Enum> choice(std::vector<std::string> names) {
  return {"NAME", fmt::format("one of {}", fmt::join(names, ", ")),
          [names](const std::string& text) {
            const auto found = std::find(names.begin(), names.end(), text);
            return found == names.end() ? std::nullopt
                                        : std::optional(static_cast<Enum>(found - names.begin()));
          },
          [names](Enum value) { return names[static_cast<std::size_t>(value)]; }};
}

/// Adds an option, in the group that app.option_defaults() has. Its first name is shown in the
/// help, and so is what the variable holds, a Value or an optional of it. The variable is set by
/// CLI11's validator, as often as the option is given: the last value counts, but each is checked.
/// The default_function() of the option writes it for a file: a number as it is, a text in quotes.
template <typename Value, typename Variable>
CLI::Option* add(CLI::App& app, const std::string& names, Variable& variable,
                 const Values<Value>& values, const std::string& help) {
  const auto write = [&variable, values]() -> std::string {
    const std::optional<Value> value(variable);
    return value ? values.write(*value) : "";
  };
  const std::string initial = write();
  return app.add_option(names, help)
      ->check([&variable, values](const std::string& text) -> std::string {
        const std::optional<Value> value = values.parse(text);
        if (!value) return fmt::format("expected {}, found '{}'", values.expected, text);
        variable = static_cast<Variable>(*value);
        return "";
      })
      ->default_function(
          [write] { return std::is_arithmetic_v<Value> ? write() : quoted(write()); })
      ->option_text(initial.empty() ? values.placeholder
                                    : fmt::format("{} [{}]", values.placeholder, initial));
}

/// Adds a flag, which sets the variable to `on`. It may be given a value, as in --name=false.
template <typename Variable>
CLI::Option* add_flag(CLI::App& app, const std::string& names, Variable& variable,
                      std::type_identity_t<Variable> on, const std::string& help) {
  return app
      .add_flag_callback(
          names, [&variable, on] { variable = on; }, help)
      ->check([](const std::string& text) -> std::string {
        const bool is_boolean = CLI::TypeValidator<bool>("")(text).empty();
        return is_boolean ? "" : fmt::format("expected true or false, found '{}'", text);
      });
}

// All options of the program, in all_options.cpp: parsing, --help, config.toml, the `config` of
// result.json and the key that decides whether a run may be resumed are made from them. An option
// is a member with its default, a line there, and the place that uses it. One that is
// configurable() is kept in config.toml and result.json, and taken from a config file.

struct CommandLine;

/// Adds the options of a training run, bound to `line`, whose present values are the defaults.
void add_main_options(CLI::App& app, CommandLine& line);

/// Adds the commands, and the options of each.
void add_commands(CLI::App& app, CommandLine& line);

}  // namespace mnist
