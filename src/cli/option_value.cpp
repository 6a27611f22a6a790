#include "cli/option_value.h"

#include <cmath>
#include <filesystem>
#include <locale>
#include <map>
#include <sstream>

#include "base/settings.h"

namespace mnist {
namespace {

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
OptionValue path(std::string& path, ValueKind kind, std::string placeholder, std::string expected) {
  return {.kind = kind,
          .placeholder = std::move(placeholder),
          .expected = std::move(expected),
          .set =
              [&path](const std::string& text) {
                if (!text.empty()) path = text;
                return !text.empty();
              },
          .text = [&path] { return path; }};
}

}  // namespace

template <typename Number>
std::optional<Number> parse_number(const std::string& text) {
  std::istringstream stream(text);
  stream.imbue(std::locale::classic());
  Number number{};
  if (!(stream >> std::noskipws >> number)) return std::nullopt;
  if (stream.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  return number;
}
template std::optional<double> parse_number(const std::string& text);
template std::optional<std::int64_t> parse_number(const std::string& text);

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

OptionValue flag(bool& variable) {
  return {.set =
              [&variable](const std::string& text) {
                variable = text == "true";
                return true;
              },
          .text = [&variable] { return variable ? "true" : "false"; }};
}

OptionValue percentage(std::optional<double>& percent) {
  return parsed_number(percent, "PERCENT",
                       "a percentage such as 97.5 (0, or above 1 and up to 100)", parse_percentage);
}

OptionValue duration(std::optional<double>& seconds) {
  return parsed_number(seconds, "TIME", "a duration such as 90, 10m or 1h30m", parse_duration);
}

OptionValue widths(std::vector<std::int64_t>& widths) {
  return {.kind = ValueKind::kText,
          .placeholder = "N,...",
          .expected = fmt::format("widths from 1 to {} such as 256,256, or none", kMaxWidth),
          .set =
              [&widths](const std::string& text) {
                const auto parsed = parse_widths(text);
                if (parsed) widths = *parsed;
                return parsed.has_value();
              },
          .text = [&widths] { return join_widths(widths); }};
}

OptionValue file(std::string& variable) {
  return path(variable, ValueKind::kFile, "FILE", "a file");
}

OptionValue folder(std::string& variable) {
  OptionValue value = path(variable, ValueKind::kFolder, "DIR", "a folder");
  value.text = [&variable] {
    if (variable.empty()) return variable;
    return std::filesystem::absolute(variable).lexically_normal().string();
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

}  // namespace mnist
