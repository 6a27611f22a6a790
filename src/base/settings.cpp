#include "base/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mnist {

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
