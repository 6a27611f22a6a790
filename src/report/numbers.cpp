#include "report/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

std::string grouped(std::int64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t place = digits.size(); place > 3;) {
    place -= 3;
    digits.insert(place, ",");
  }
  return digits;
}

std::string percent(double share) { return percent_text(share) + "\u00a0%"; }

std::string interval_text(const Interval& interval) {
  return fixed(100 * interval.low, 2) + " to " + percent(interval.high);
}

std::string duration_text(double seconds) {
  if (!(seconds >= 60)) return fixed(seconds, 1) + "\u00a0s";
  const auto whole = static_cast<std::int64_t>(std::min(seconds, 1e12));
  if (whole < 3600) return fmt::format("{}\u00a0min {}\u00a0s", whole / 60, whole % 60);
  return fmt::format("{}\u00a0h {}\u00a0min", whole / 3600, whole / 60 % 60);
}

std::string p_text(double p) {
  if (p < 1e-6) return "p < 0.000001";
  return p < 0.001 ? "p < 0.001" : "p = " + rounded(p, 2);
}

std::vector<double> log_ticks(double low, double high) {
  constexpr int kManyDecades = 4;
  constexpr int kMostDecades = 8;  // with a tick on each
  const int first = static_cast<int>(std::floor(std::log10(low)));
  const int last = static_cast<int>(std::ceil(std::log10(high)));
  const int every = 1 + (last - first) / kMostDecades;
  std::vector<double> ticks;
  for (int exponent = first; exponent < last + every; exponent += every) {
    ticks.push_back(std::pow(10.0, exponent));
    if (last - first >= kManyDecades) continue;
    ticks.push_back(2 * std::pow(10.0, exponent));
    ticks.push_back(5 * std::pow(10.0, exponent));
  }
  while (ticks.size() > 2 && ticks[1] <= low) ticks.erase(ticks.begin());
  while (ticks.size() > 2 && ticks[ticks.size() - 2] >= high) ticks.pop_back();
  return ticks;
}

std::vector<double> whole_ticks(double low, double high, int parts) {
  constexpr std::array<int, 3> kFactors{1, 2, 5};
  double step = 1;
  for (std::size_t i = 1; (high - low) / step > parts; ++i) {
    step = kFactors[i % 3] * std::pow(10.0, i / 3);
  }
  std::vector<double> ticks;
  for (double tick = std::ceil(low / step) * step; tick <= high; tick += step) {
    ticks.push_back(tick);
  }
  return ticks;
}

}  // namespace mnist
