#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/shortest.h"

namespace mnist {

enum class ValueKind { kFlag, kNumber, kText, kChoice, kFile, kFolder };

/// The value of one option: what the help calls it, what it may be, and how the variable behind it
/// is set and written. `set` and `text` refer to that variable, which must outlive them.
struct OptionValue {
  ValueKind kind = ValueKind::kFlag;
  std::string placeholder = {};           ///< such as "N"; a flag has none
  std::string expected = {};              ///< such as "a whole number from 1 to 1024"
  std::vector<std::string> choices = {};  ///< of kChoice: all that it may be
  /// Sets the variable; of a list, adds to it. Returns false and changes nothing if the text is not
  /// what is expected: the whole text must fit, so "5abc" is not a number.
  std::function<bool(const std::string& text)> set = {};
  std::function<std::string()> text = {};  ///< what the variable holds; empty if that is nothing
};

/// "N [30]", with what the variable holds, if that is something; empty for a flag.
std::string shown_value(const OptionValue& value);

/// The number that `text` is as a whole; none for "5abc", "nan" or an overflow.
template <typename Number>
std::optional<Number> parse_number(const std::string& text);

/// "auto, autograd or sparse"
std::string or_list(const std::vector<std::string>& words);

template <typename Number>
std::string number_text(Number number) {
  if constexpr (std::is_floating_point_v<Number>) return shortest(number);
  return std::to_string(number);
}

template <typename Number>
std::string number_text(const std::optional<Number>& number) {
  return number ? number_text(*number) : "";
}

/// A number that `parse` reads: it takes the text and returns an optional number.
template <typename Variable, typename Parse>
OptionValue parsed_number(Variable& variable, std::string placeholder, std::string expected,
                          Parse parse) {
  return {.kind = ValueKind::kNumber,
          .placeholder = std::move(placeholder),
          .expected = std::move(expected),
          .set =
              [&variable, parse](const std::string& text) {
                const auto number = parse(text);
                if (number) variable = static_cast<Variable>(*number);
                return number.has_value();
              },
          .text = [&variable] { return number_text(variable); }};
}

/// A number in a range that includes both bounds.
template <typename Number, typename Variable>
OptionValue number_in_range(Variable& variable, Number low, Number high, std::string placeholder,
                            std::string expected) {
  return parsed_number(variable, std::move(placeholder), std::move(expected),
                       [low, high](const std::string& text) {
                         const auto number = parse_number<Number>(text);
                         return number && low <= *number && *number <= high ? number : std::nullopt;
                       });
}

/// Of std::int64_t, int or an optional of one.
template <typename Variable>
OptionValue whole_number(Variable& variable, std::int64_t low, std::int64_t high,
                         std::string placeholder = "N") {
  return number_in_range<std::int64_t>(variable, low, high, std::move(placeholder),
                                       fmt::format("a whole number from {} to {}", low, high));
}

inline OptionValue fraction(double& variable) {
  return number_in_range(variable, 0.0, 1.0, "X", "a number from 0 to 1");
}

inline OptionValue non_negative(double& variable) {
  return number_in_range(variable, 0.0, std::numeric_limits<double>::max(), "X",
                         "a number of at least 0");
}

/// One of several values, each with a name. `Variable` is an enum or an optional of one.
template <typename Enum, typename Variable>
OptionValue choice(Variable& variable, std::vector<std::pair<std::string, Enum>> choices) {
  OptionValue value{.kind = ValueKind::kChoice, .placeholder = "NAME"};
  for (const auto& [name, unused] : choices) value.choices.push_back(name);
  value.expected = or_list(value.choices);
  value.set = [&variable, choices](const std::string& text) {
    for (const auto& [name, chosen] : choices) {
      if (name != text) continue;
      variable = chosen;
      return true;
    }
    return false;
  };
  value.text = [&variable, choices] {
    for (const auto& [name, chosen] : choices) {
      if (variable == chosen) return name;
    }
    return std::string();
  };
  return value;
}

/// A flag that sets the variable to `chosen`.
template <typename Variable>
OptionValue flag(Variable& variable, Variable chosen) {
  return {.set =
              [&variable, chosen](const std::string& text) {
                if (text == "true") variable = chosen;
                return true;
              },
          .text = [&variable, chosen] { return variable == chosen ? "true" : "false"; }};
}

OptionValue flag(bool& variable);
/// Of the test images. 0.97 is refused: who writes it means 97, and would get a check that never
/// fails.
OptionValue percentage(std::optional<double>& percent);
/// Such as 90, 10m or 1h30m.
OptionValue duration(std::optional<double>& seconds);
/// Such as 256,256, or none: see parse_widths().
OptionValue widths(std::vector<std::int64_t>& widths);
OptionValue file(std::string& path);
/// Written from the root, so that a config file means the same folder wherever it is used.
OptionValue folder(std::string& path);
/// The arguments that are not options, one or more.
OptionValue paths(std::vector<std::string>& paths, ValueKind kind, std::string placeholder,
                  std::string expected);

}  // namespace mnist
