#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mnist {

// What the values of options must be. Each check takes the whole text of a value, so that 5abc is
// no number, and complains with what was expected and what was found.

/// Seconds: "90" and "90s" -> 90, "1h30m" -> 5400; none for anything else.
std::optional<double> parse_duration(const std::string& text);

/// `accepts` tells whether a text will do, and `expected` what would.
CLI::Validator expect(const std::string& expected,
                      const std::function<bool(const std::string&)>& accepts);

/// A whole number, both bounds included.
CLI::Validator integer(std::int64_t low, std::int64_t high);

/// A finite number, both bounds included; `range` says them in words.
CLI::Validator number(double low, double high, const std::string& range);

CLI::Validator non_negative();

/// 0.97 is refused: who writes it means 97, and would get a check that never fails.
CLI::Validator percentage();

/// What parse_widths() takes.
CLI::Validator widths();

/// What parse_duration() takes.
CLI::Validator duration();

}  // namespace mnist
