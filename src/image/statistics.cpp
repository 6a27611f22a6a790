#include "image/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace mnist {

float quantile(std::vector<float> values, double share) {
  if (values.empty()) return 0;
  const double place = share * static_cast<double>(values.size() - 1);
  const auto wanted = values.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(values.begin(), wanted, values.end());
  return *wanted;
}

float robust_deviation(std::vector<float> values) {
  for (float& value : values) value = std::abs(value);
  return kDeviations * quantile(std::move(values), 0.5);
}

Classes otsu_classes(const std::vector<float>& values) {
  constexpr std::size_t kBins = 256;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const float begin = *least;
  const float step = (*most - begin) / kBins;
  if (step <= 0) return {begin, 0};
  std::array<double, kBins> counts{};
  double sum = 0;
  double squares = 0;
  for (const float value : values) {
    const auto bin = static_cast<std::size_t>((value - begin) / step);
    counts.at(std::min(bin, kBins - 1)) += 1;
  }
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    sum += counts.at(bin) * static_cast<double>(bin);
    squares += counts.at(bin) * static_cast<double>(bin * bin);
  }
  const auto total = static_cast<double>(values.size());
  double low_count = 0;
  double low_sum = 0;
  double best = -1;
  std::size_t first = 0;  // of the equally good thresholds, the middle one is taken
  std::size_t last = 0;
  for (std::size_t bin = 0; bin + 1 < kBins; ++bin) {
    low_count += counts.at(bin);
    low_sum += counts.at(bin) * static_cast<double>(bin);
    if (low_count == 0 || low_count == total) continue;
    const double apart = low_sum / low_count - (sum - low_sum) / (total - low_count);
    const double between = low_count * (total - low_count) * apart * apart;
    if (between > best) first = bin;
    if (between >= best) last = bin;
    best = std::max(best, between);
  }
  return {begin + step * (static_cast<float>(first + last) / 2 + 1),
          best / (squares * total - sum * sum)};
}

}  // namespace mnist
