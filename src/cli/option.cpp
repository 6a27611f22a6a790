#include "cli/option.h"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/fail.h"
#include "base/text.h"

namespace mnist {
namespace {

/// The number that the whole text is, if it is one from `low` to `high`: not "5abc", " 5" or "nan".
template <typename Number>
std::optional<Number> parse_number(const std::string& text, Number low, Number high) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  const bool fits = error == std::errc() && rest == end && low <= number && number <= high;
  return fits ? std::optional(number) : std::nullopt;
}

/// Seconds: "90" and "90s" are 90, "1h30m" is 5400.
std::optional<double> parse_duration(const std::string& text) {
  constexpr std::array kUnits{std::pair{'h', 3600}, std::pair{'m', 60}, std::pair{'s', 1}};
  if (const auto seconds = parse_number(text, 0.0, kLargestNumber)) return seconds;
  double total = 0.0;
  std::string rest = text;
  for (const auto& [letter, seconds] : kUnits) {
    const std::size_t end = rest.find(letter);
    if (end == std::string::npos) continue;
    const auto number = parse_number(rest.substr(0, end), 0.0, kLargestNumber);
    if (!number) return std::nullopt;
    total += *number * seconds;
    rest.erase(0, end + 1);
  }
  const bool is_one = !text.empty() && rest.empty() && std::isfinite(total);
  return is_one ? std::optional(total) : std::nullopt;
}

constexpr std::int64_t kLargestLayer = 65536;

std::optional<std::vector<std::int64_t>> parse_layer_sizes(const std::string& text) {
  std::vector<std::int64_t> sizes;
  if (text == "none") return sizes;
  std::istringstream list(text + ",");
  for (std::string part; std::getline(list, part, ',');) {
    const auto size = parse_number<std::int64_t>(part, 1, kLargestLayer);
    if (!size) return std::nullopt;
    sizes.push_back(*size);
  }
  return sizes;
}

std::optional<std::string> parse_device(const std::string& text) {
  bool is_one = text == "auto" || text == "cpu" || text == "cuda";
  for (int gpu = 0; gpu < 100; ++gpu) is_one = is_one || text == fmt::format("cuda:{}", gpu);
  return is_one ? std::optional(text) : std::nullopt;
}

/// Not what a script passes for a variable that was never set, which is nothing or the next option,
/// and not a ~ that the shell did not expand.
std::optional<std::string> parse_path(const std::string& text) {
  quoted(text);  // throws if it is not UTF-8
  const bool is_path =
      !text.empty() && !text.starts_with("--") && text != "~" && !text.starts_with("~/");
  return is_path ? std::optional(text) : std::nullopt;
}

}  // namespace

std::string quoted(const std::string& text) {
  try {
    return text.empty() ? "" : nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    fail(ErrorKind::kUsage, "expected a path in UTF-8, found '{}'", text);
  }
}

Values<std::int64_t> whole_number(std::int64_t low, std::int64_t high, std::string placeholder) {
  return {std::move(placeholder), fmt::format("a whole number from {} to {}", low, high),
          [=](const std::string& text) { return parse_number(text, low, high); }};
}

Values<double> number(double low, double high, std::string placeholder) {
  return {std::move(placeholder),
          high == kLargestNumber ? fmt::format("a number of at least {}", low)
                                 : fmt::format("a number from {} to {}", low, high),
          [=](const std::string& text) { return parse_number(text, low, high); }};
}

Values<double> percentage() {
  return {"PERCENT", "a percentage such as 97.5 (0, or above 1 and up to 100)",
          [](const std::string& text) {
            const auto percent = parse_number(text, 0.0, 100.0);
            return percent && 0 < *percent && *percent <= 1 ? std::nullopt : percent;
          }};
}

Values<double> duration() {
  return {"TIME", "a duration such as 90, 10m or 1h30m", parse_duration};
}

Values<std::vector<std::int64_t>> layer_sizes() {
  return {"N,...", fmt::format("layer sizes from 1 to {}, such as 256,256, or none", kLargestLayer),
          parse_layer_sizes, join_sizes};
}

Values<std::string> device_name() { return {"NAME", "auto, cpu, cuda or cuda:N", parse_device}; }

Values<std::string> path(std::string placeholder) {
  return {std::move(placeholder), "a path (with ~ expanded)", parse_path};
}

}  // namespace mnist
