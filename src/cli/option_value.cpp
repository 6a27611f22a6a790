#include "cli/option_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <filesystem>
#include <limits>
#include <locale>
#include <map>
#include <sstream>
#include <string_view>

#include "base/json_line.h"
#include "base/settings.h"
#include "base/text.h"

namespace mnist {
namespace {

/// The number that `text` is as a whole; none for "5abc", "nan" or an overflow.
template <typename Number>
std::optional<Number> parse_number(const std::string& text) {
  std::istringstream stream(text);
  stream.imbue(std::locale::classic());
  Number number{};
  if (!(stream >> std::noskipws >> number)) return std::nullopt;
  if (stream.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  return number;
}

/// Seconds: "90" and "90s" are 90, "1h30m" is 5400; none for anything else.
std::optional<double> parse_duration(const std::string& text) {
  const std::map<char, double> units{{'h', 3600}, {'m', 60}, {'s', 1}};
  if (const auto seconds = parse_number<double>(text)) {
    return *seconds >= 0 ? seconds : std::nullopt;
  }
  double total = 0.0;
  double last_unit = std::numeric_limits<double>::max();  // hours come before minutes
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find_first_of("hms", begin);
    if (end == std::string::npos) return std::nullopt;
    const auto number = parse_number<double>(text.substr(begin, end - begin));
    const double unit = units.at(text[end]);
    if (!number || *number < 0 || unit >= last_unit) return std::nullopt;
    total += *number * unit;
    last_unit = unit;
    begin = end + 1;
  }
  if (text.empty() || !std::isfinite(total)) return std::nullopt;
  return total;
}

std::optional<double> parse_percentage(const std::string& text) {
  const auto number = parse_number<double>(text);
  return number && (*number == 0 || (1 < *number && *number <= 100)) ? number : std::nullopt;
}

// An empty path is what a script passes when a variable of it was never set.
std::optional<std::string> parse_path(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

constexpr std::string_view kFileUrl = "file://";

/// A path whose bytes are not UTF-8 in a form that TOML and JSON can hold: as a URL, in which %ff
/// is such a byte. Any other as it is. Source: RFC 8089.
std::string url_if_needed(const std::string& path) {
  if (json_text(path) == path) return path;
  std::string url(kFileUrl);
  for (const char letter : path) {
    const auto byte = static_cast<unsigned char>(letter);
    constexpr unsigned char kFirstNonAscii = 0x80;
    const bool is_plain = ' ' < byte && byte < kFirstNonAscii && letter != '%';
    url += is_plain ? std::string(1, letter) : fmt::format("%{:02x}", byte);
  }
  return url;
}

/// The reverse.
std::string path_of(const std::string& text) {
  if (!text.starts_with(kFileUrl)) return text;
  std::string path;
  for (std::size_t i = kFileUrl.size(); i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* const digits = text.data() + std::min(i + 1, text.size());
    const char* const end = text.data() + std::min(i + 3, text.size());
    const bool is_coded =
        text[i] == '%' && std::from_chars(digits, end, byte, 16).ptr == digits + 2;
    path += is_coded ? static_cast<char>(byte) : text[i];
    if (is_coded) i += 2;
  }
  return path;
}

std::string text_of(double number) { return shortest(number); }
std::string text_of(std::integral auto number) { return std::to_string(number); }
std::string text_of(bool is_set) { return is_set ? "true" : "false"; }
std::string text_of(const std::string& text) { return text; }
std::string text_of(const std::vector<std::int64_t>& widths) { return join_widths(widths); }

template <typename Value>
std::string text_of(const std::optional<Value>& value) {
  return value ? text_of(*value) : "";
}

/// `parse` takes a text and returns an optional, which is empty if the text is not as expected.
template <typename Variable, typename Parse>
OptionValue bound(Variable& variable, ValueKind kind, std::string placeholder, std::string expected,
                  Parse parse) {
  return {.kind = kind,
          .placeholder = std::move(placeholder),
          .expected = std::move(expected),
          .set =
              [&variable, parse](const std::string& text) {
                const auto parsed = parse(text);
                if (parsed) variable = static_cast<Variable>(*parsed);
                return parsed.has_value();
              },
          .text = [&variable] { return text_of(variable); }};
}

template <typename Number, typename Variable>
OptionValue number(Variable& variable, Number low, Number high, std::string placeholder,
                   std::string expected) {
  return bound(variable, ValueKind::kNumber, std::move(placeholder), std::move(expected),
               [low, high](const std::string& text) {
                 const auto parsed = parse_number<Number>(text);
                 return parsed && low <= *parsed && *parsed <= high ? parsed : std::nullopt;
               });
}

template <typename Variable>
OptionValue integer(Variable& variable, std::int64_t low, std::int64_t high) {
  return number(variable, low, high, "N", fmt::format("a whole number from {} to {}", low, high));
}

}  // namespace

std::string shown_value(const OptionValue& value) {
  const std::string initial = value.text ? value.text() : "";
  const bool is_shown = !value.placeholder.empty() && !initial.empty();
  return is_shown ? fmt::format("{} [{}]", value.placeholder, initial) : value.placeholder;
}

std::string or_list(const std::vector<std::string>& words) {
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) list += i + 1 == words.size() ? " or " : ", ";
    list += words[i];
  }
  return list;
}

OptionValue whole_number(int& variable, std::int64_t low, std::int64_t high) {
  return integer(variable, low, high);
}

OptionValue whole_number(std::int64_t& variable, std::int64_t low, std::int64_t high) {
  return integer(variable, low, high);
}

OptionValue whole_number(std::optional<std::int64_t>& variable, std::int64_t low,
                         std::int64_t high) {
  return integer(variable, low, high);
}

OptionValue non_negative(double& variable) {
  return number(variable, 0.0, std::numeric_limits<double>::max(), "X", "a number of at least 0");
}

OptionValue number_between(double& variable, double low, double high, std::string placeholder) {
  return number(variable, low, high, std::move(placeholder),
                fmt::format("a number from {} to {}", low, high));
}

OptionValue number_between(std::optional<double>& variable, double low, double high,
                           std::string placeholder) {
  return number(variable, low, high, std::move(placeholder),
                fmt::format("a number from {} to {}", low, high));
}

OptionValue fraction(double& variable) { return number_between(variable, 0.0, 1.0); }

OptionValue percentage(std::optional<double>& percent) {
  return bound(percent, ValueKind::kNumber, "PERCENT",
               "a percentage such as 97.5 (0, or above 1 and up to 100)", parse_percentage);
}

OptionValue duration(std::optional<double>& seconds) {
  return bound(seconds, ValueKind::kNumber, "TIME", "a duration such as 90, 10m or 1h30m",
               parse_duration);
}

OptionValue widths(std::vector<std::int64_t>& widths) {
  return bound(widths, ValueKind::kText, "N,...",
               fmt::format("widths from 1 to {} such as 256,256, or none", kMaxWidth),
               parse_widths);
}

OptionValue file(std::string& path) {
  return bound(path, ValueKind::kFile, "FILE", "a file", parse_path);
}

OptionValue folder(std::string& path) {
  OptionValue value = bound(path, ValueKind::kFolder, "DIR", "a folder",
                            [](const std::string& text) { return parse_path(path_of(text)); });
  value.text = [&path] {
    return path.empty()
               ? ""
               : url_if_needed(std::filesystem::absolute(path).lexically_normal().string());
  };
  return value;
}

OptionValue paths(std::vector<std::string>& paths, ValueKind kind, std::string placeholder,
                  std::string expected) {
  return {.kind = kind,
          .placeholder = std::move(placeholder),
          .expected = std::move(expected),
          .set =
              [&paths](const std::string& text) {
                paths.push_back(text);
                return true;
              },
          .text = [] { return std::string(); }};
}

OptionValue flag(bool& variable) {
  return bound(variable, ValueKind::kFlag, "", "true or false",
               [](const std::string& text) { return std::optional(text == "true"); });
}

}  // namespace mnist
