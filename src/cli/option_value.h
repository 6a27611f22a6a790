#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace mnist {

/// The value of one option: what the help calls it, and how the variable behind it is set and
/// written. That variable must outlive this.
struct OptionValue {
  std::string placeholder = {};  ///< such as "N"; empty: a flag
  /// Sets the variable; a list gets one more. Returns what is wrong with the text, and changes
  /// nothing then; empty if nothing is.
  std::function<std::string(const std::string& text)> set = {};
  /// What the variable holds, as TOML and JSON both write it; empty if that is nothing.
  std::function<std::string()> written = {};
};

/// As TOML and JSON both write it: a text has quotes, layer sizes are a text such as "256,128".
inline std::string to_setting(double number) { return shortest(number); }
inline std::string to_setting(std::int64_t number) { return std::to_string(number); }
inline std::string to_setting(int number) { return std::to_string(number); }
inline std::string to_setting(bool is_set) { return is_set ? "true" : "false"; }
std::string to_setting(const std::string& text);
std::string to_setting(const std::vector<std::int64_t>& layer_sizes);
std::string plain_text(const std::string& setting);  ///< without the quotes

template <typename Value>
std::string to_setting(const std::optional<Value>& value) {
  return value ? to_setting(*value) : "";
}

/// The variable becomes what `parse` makes of a text: an optional, empty if the text is not what is
/// expected.
template <typename Variable, typename Parse>
OptionValue parsed_value(Variable& variable, std::string placeholder, std::string expected,
                         Parse parse) {
  return {std::move(placeholder),
          [&variable, expected = std::move(expected), parse](const std::string& text) {
            const auto value = parse(text);
            if (!value) return fmt::format("expected {}, found '{}'", expected, text);
            variable = static_cast<Variable>(*value);
            return std::string();
          },
          [&variable] { return to_setting(variable); }};
}

/// The number that the whole text is, if it is one from `low` to `high`: not "5abc", " 5" or "nan".
template <typename Number>
std::optional<Number> parse_number(const std::string& text, Number low, Number high) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  const bool fits = error == std::errc() && rest == end && low <= number && number <= high;
  return fits ? std::optional(number) : std::nullopt;
}

/// `Variable` is an integer or an optional of one.
template <typename Variable>
OptionValue whole_number(Variable& variable, std::int64_t low, std::int64_t high,
                         std::string placeholder = "N") {
  return parsed_value(variable, std::move(placeholder),
                      fmt::format("a whole number from {} to {}", low, high),
                      [=](const std::string& text) { return parse_number(text, low, high); });
}

constexpr double kLargestNumber = std::numeric_limits<double>::max();

/// `Variable` is double or an optional of it.
template <typename Variable>
OptionValue number(Variable& variable, double low, double high = kLargestNumber,
                   std::string placeholder = "X") {
  return parsed_value(variable, std::move(placeholder),
                      high == kLargestNumber ? fmt::format("a number of at least {}", low)
                                             : fmt::format("a number from {} to {}", low, high),
                      [=](const std::string& text) { return parse_number(text, low, high); });
}

/// One of several values, each with a name. `Variable` is an enum or an optional of one.
template <typename Enum, typename Variable>
OptionValue choice(Variable& variable, std::vector<std::pair<std::string, Enum>> choices) {
  OptionValue value{.placeholder = "NAME"};
  value.set = [&variable, choices](const std::string& text) {
    std::vector<std::string> names;
    for (const auto& [name, chosen] : choices) {
      names.push_back(name);
      if (name == text) variable = chosen;
    }
    const bool is_one = std::count(names.begin(), names.end(), text) > 0;
    return is_one ? ""
                  : fmt::format("expected one of {}, found '{}'", fmt::join(names, ", "), text);
  };
  value.written = [&variable, choices] {
    const auto found = std::find_if(choices.begin(), choices.end(),
                                    [&](const auto& one) { return variable == one.second; });
    return found == choices.end() ? "" : to_setting(found->first);
  };
  return value;
}

OptionValue percentage(std::optional<double>& percent);     ///< not 0.97, which is meant as 97
OptionValue duration(std::optional<double>& seconds);       ///< such as 90, 10m or 1h30m
OptionValue layer_sizes(std::vector<std::int64_t>& sizes);  ///< such as 256,128, or none
OptionValue device_name(std::string& device);               ///< see Options::device
OptionValue file(std::string& path);
OptionValue directory(std::string& path);  ///< in UTF-8, and written as an absolute path
OptionValue paths(std::vector<std::string>& paths, std::string placeholder);  ///< adds each
OptionValue flag(bool& variable);

/// "true", "false", "1" or "0", in any case.
std::optional<bool> parse_flag(std::string text);

/// A flag that sets the variable to `chosen`.
template <typename Variable>
OptionValue flag(Variable& variable, Variable chosen) {
  return {.set = [&variable, chosen](const std::string& text) {
    bool is_set = false;
    const std::string problem = flag(is_set).set(text);
    if (is_set) variable = chosen;
    return problem;
  }};
}

}  // namespace mnist
