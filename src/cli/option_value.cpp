#include "cli/option_value.h"

#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <locale>

#include "base/fail.h"
#include "base/settings.h"

namespace mnist {
namespace {

constexpr std::int64_t kLargestLayer = 65536;

std::optional<double> parse_percentage(const std::string& text) {
  const auto percent = parse_number(text, 0.0, 100.0);
  return percent && 0 < *percent && *percent <= 1 ? std::nullopt : percent;
}

/// Seconds: "90" and "90s" are 90, "1h30m" is 5400.
std::optional<double> parse_duration(const std::string& text) {
  constexpr std::array kUnits{std::pair{'h', 3600}, std::pair{'m', 60}, std::pair{'s', 1}};
  if (const auto seconds = parse_number(text, 0.0, kLargestNumber)) return seconds;
  double total = 0.0;
  std::size_t begin = 0;
  for (const auto& [letter, seconds] : kUnits) {
    const std::size_t end = text.find(letter, begin);
    if (end == std::string::npos) continue;
    const auto number = parse_number(text.substr(begin, end - begin), 0.0, kLargestNumber);
    if (!number) return std::nullopt;
    total += *number * seconds;
    begin = end + 1;
  }
  const bool is_one = begin > 0 && begin == text.size() && std::isfinite(total);
  return is_one ? std::optional(total) : std::nullopt;
}

std::optional<std::vector<std::int64_t>> parse_layer_sizes(const std::string& text) {
  std::vector<std::int64_t> sizes;
  if (text == "none") return sizes;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const auto size = parse_number<std::int64_t>(text.substr(begin, end - begin), 1, kLargestLayer);
    if (!size) return std::nullopt;
    sizes.push_back(*size);
    begin = end + 1;
  }
  return sizes;
}

std::optional<std::string> parse_device(const std::string& text) {
  const std::string cuda = "cuda:";
  const std::string index = text.starts_with(cuda) ? text.substr(cuda.size()) : "";
  const auto number = parse_number(index, 0, 99);
  const bool is_one = text == "auto" || text == "cpu" || text == "cuda" ||
                      (number && std::to_string(*number) == index);
  return is_one ? std::optional(text) : std::nullopt;
}

bool is_utf8(const std::string& text) {
  using Utf8 = std::codecvt<char32_t, char8_t, std::mbstate_t>;
  std::mbstate_t state{};
  const auto* const begin = reinterpret_cast<const char8_t*>(text.data());
  const auto* const end = begin + text.size();
  const int valid =
      std::use_facet<Utf8>(std::locale::classic()).length(state, begin, end, text.size());
  return static_cast<std::size_t>(valid) == text.size();
}

/// What is wrong with a path as such; empty if nothing is.
std::string path_problem(const std::string& text) {
  if (text != "~" && !text.starts_with("~/")) return "";
  return fmt::format("expected a path without ~, found '{}', which the shell did not expand", text);
}

}  // namespace

std::string to_setting(const std::string& text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    if (is_control(letter)) {
      quoted += fmt::format("\\u{:04x}", static_cast<int>(letter));
      continue;
    }
    if (letter == '"' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted + '"';
}

std::string to_setting(const std::vector<std::int64_t>& layer_sizes) {
  return to_setting(join_widths(layer_sizes));
}

std::string plain_text(const std::string& setting) {
  return setting.starts_with('"') ? setting.substr(1, setting.size() - 2) : setting;
}

OptionValue percentage(std::optional<double>& percent) {
  return parsed_value(percent, "PERCENT", "a percentage such as 97.5 (0, or above 1 and up to 100)",
                      parse_percentage);
}

OptionValue duration(std::optional<double>& seconds) {
  return parsed_value(seconds, "TIME", "a duration such as 90, 10m or 1h30m", parse_duration);
}

OptionValue layer_sizes(std::vector<std::int64_t>& sizes) {
  return parsed_value(
      sizes, "N,...",
      fmt::format("layer sizes from 1 to {}, such as 256,256, or none", kLargestLayer),
      parse_layer_sizes);
}

OptionValue device_name(std::string& device) {
  return parsed_value(device, "NAME", "auto, cpu, cuda or cuda:N", parse_device);
}

OptionValue flag(bool& variable) { return parsed_value(variable, "", "true or false", parse_flag); }

std::optional<bool> parse_flag(std::string text) {
  for (char& letter : text) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return std::nullopt;
}

// A script passes an empty path, or the next option, when a variable of it was never set.
OptionValue file(std::string& path) {
  return {.placeholder = "FILE", .set = [&path](const std::string& text) {
            const bool is_path = !text.empty() && !text.starts_with("--");
            if (!is_path) return fmt::format("expected a path, found '{}'", text);
            std::string problem = path_problem(text);
            if (problem.empty()) path = text;
            return problem;
          }};
}

OptionValue directory(std::string& path) {
  OptionValue value = file(path);
  value.placeholder = "DIR";
  value.set = [set = std::move(value.set)](const std::string& text) {
    return is_utf8(text) ? set(text) : fmt::format("expected a path in UTF-8, found '{}'", text);
  };
  value.written = [&path]() -> std::string {
    if (path.empty()) return "";
    const std::string whole = std::filesystem::absolute(path).lexically_normal().string();
    if (!is_utf8(whole)) fail(ErrorKind::kUsage, "{}: expected a path in UTF-8", whole);
    return to_setting(whole);
  };
  return value;
}

OptionValue paths(std::vector<std::string>& paths, std::string placeholder) {
  return {.placeholder = std::move(placeholder), .set = [&paths](const std::string& text) {
            std::string problem = path_problem(text);
            if (problem.empty()) paths.push_back(text);
            return problem;
          }};
}

}  // namespace mnist
