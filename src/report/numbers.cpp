#include "report/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/text.h"

namespace mnist {

std::string fixed(double number, int decimals) {
  return std::isfinite(number) ? fmt::format("{:.{}f}", number, decimals) : "not finite";
}

std::string rounded(double number, int digits) {
  return std::isfinite(number) ? fmt::format("{:.{}g}", number, digits) : "not finite";
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (std::size_t place = digits.size(); place > sign + 3;) {
    place -= 3;
    digits.insert(place, ",");
  }
  return digits;
}

std::string count_of(std::int64_t number, const std::string& thing) {
  return grouped(number) + " " + thing + (number == 1 ? "" : "s");
}

std::string percent(double share) { return percent_text(share) + "\u00a0%"; }

std::string duration_text(double seconds) {
  if (seconds < 60) return fixed(seconds, 1) + "\u00a0s";
  const auto whole = static_cast<std::int64_t>(std::min(seconds, 1e12));
  if (whole < 3600) return fmt::format("{}\u00a0min {}\u00a0s", whole / 60, whole % 60);
  return fmt::format("{}\u00a0h {}\u00a0min", whole / 3600, whole / 60 % 60);
}

}  // namespace mnist
