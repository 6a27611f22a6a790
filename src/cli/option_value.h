#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

/// "auto, autograd or sparse"
std::string or_list(const std::vector<std::string>& words);

/// From `low` to `high`, both included.
OptionValue whole_number(int& variable, std::int64_t low, std::int64_t high);
OptionValue whole_number(std::int64_t& variable, std::int64_t low, std::int64_t high);
OptionValue whole_number(std::optional<std::int64_t>& variable, std::int64_t low,
                         std::int64_t high);
OptionValue non_negative(double& variable);
OptionValue number_between(double& variable, double low, double high,
                           std::string placeholder = "X");
OptionValue number_between(std::optional<double>& variable, double low, double high,
                           std::string placeholder = "X");
OptionValue fraction(double& variable);  ///< from 0 to 1
/// 0.97 is refused: who writes it means 97, and would get a check that never fails.
OptionValue percentage(std::optional<double>& percent);
OptionValue duration(std::optional<double>& seconds);   ///< such as 90, 10m or 1h30m
OptionValue widths(std::vector<std::int64_t>& widths);  ///< see parse_widths()
OptionValue file(std::string& path);
/// `text` gives it from the root, so that config.toml means the same folder wherever it is read,
/// and if it is not UTF-8 as a URL (file:///data/%ff), which `set` takes as well.
OptionValue folder(std::string& path);
/// Arguments that are no options. Each adds a path.
OptionValue paths(std::vector<std::string>& paths, ValueKind kind, std::string placeholder,
                  std::string expected);
OptionValue flag(bool& variable);

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

}  // namespace mnist
