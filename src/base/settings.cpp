#include "base/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

namespace mnist {

std::optional<std::vector<std::int64_t>> parse_widths(const std::string& text) {
  std::vector<std::int64_t> widths;
  if (text == "none") return widths;
  const char* const end = text.data() + text.size();
  for (const char* item = text.data();; ++item) {
    std::int64_t width = 0;
    const auto [rest, error] = std::from_chars(item, end, width);
    if (error != std::errc() || width < 1 || width > kMaxWidth) return std::nullopt;
    widths.push_back(width);
    if (rest == end) return widths;
    if (*rest != ',') return std::nullopt;
    item = rest;
  }
}

std::string join_widths(const std::vector<std::int64_t>& widths) {
  return widths.empty() ? "none" : fmt::format("{}", fmt::join(widths, ","));
}

std::string to_toml(const std::vector<Setting>& settings) {
  std::string lines;
  for (const Setting& setting : settings) {
    lines += fmt::format("{} = {}\n", setting.name, setting.value);
  }
  return lines;
}

}  // namespace mnist
