#include "cli/validators.h"

#include <cmath>
#include <limits>
#include <locale>
#include <map>
#include <sstream>

#include "base/settings.h"

namespace mnist {
namespace {

/// The number that `text` is from its first to its last character; none for `5abc`, `nan` or an
/// overflow.
template <typename Number>
std::optional<Number> parse_whole(const std::string& text) {
  std::istringstream stream(text);
  stream.imbue(std::locale::classic());
  Number number{};
  if (!(stream >> std::noskipws >> number)) return std::nullopt;
  if (stream.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<double> parse_duration(const std::string& text) {
  const std::map<char, double> units{{'h', 3600}, {'m', 60}, {'s', 1}};
  if (const auto seconds = parse_whole<double>(text)) {
    return *seconds >= 0 ? seconds : std::nullopt;
  }
  double total = 0.0;
  double largest = std::numeric_limits<double>::max();  // hours come before minutes
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find_first_of("hms", begin);
    if (end == std::string::npos) return std::nullopt;
    const auto number = parse_whole<double>(text.substr(begin, end - begin));
    const double unit = units.at(text[end]);
    if (!number || *number < 0 || unit >= largest) return std::nullopt;
    total += *number * unit;
    largest = unit;
    begin = end + 1;
  }
  if (text.empty() || !std::isfinite(total)) return std::nullopt;
  return total;
}

CLI::Validator expect(const std::string& expected,
                      const std::function<bool(const std::string&)>& accepts) {
  return {[=](const std::string& text) {
            return accepts(text) ? "" : "expected " + expected + ", found '" + text + "'";
          },
          ""};
}

CLI::Validator integer(std::int64_t low, std::int64_t high) {
  return expect("a whole number from " + std::to_string(low) + " to " + std::to_string(high),
                [=](const std::string& text) {
                  const auto number = parse_whole<std::int64_t>(text);
                  return number && low <= *number && *number <= high;
                });
}

CLI::Validator number(double low, double high, const std::string& range) {
  return expect("a number " + range, [=](const std::string& text) {
    const auto number = parse_whole<double>(text);
    return number && low <= *number && *number <= high;
  });
}

CLI::Validator non_negative() {
  return number(0, std::numeric_limits<double>::max(), "of at least 0");
}

CLI::Validator percentage() {
  return expect("a percentage such as 97.5 (0, or above 1 and up to 100)",
                [](const std::string& text) {
                  const auto number = parse_whole<double>(text);
                  return number && (*number == 0 || (1 < *number && *number <= 100));
                });
}

CLI::Validator widths() {
  return expect("widths from 1 to " + std::to_string(kMaxWidth) + " such as 256,256, or none",
                [](const std::string& text) { return parse_widths(text).has_value(); });
}

CLI::Validator duration() {
  return expect("a duration such as 90, 10m or 1h30m",
                [](const std::string& text) { return parse_duration(text).has_value(); });
}

}  // namespace mnist
