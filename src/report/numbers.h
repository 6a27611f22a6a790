#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mnist_train/metrics.h"

namespace mnist {

// Numbers as a page shows them, whatever the locale.

/// With a fixed number of decimals: 3.14159, 2 -> "3.14"; "not finite" if the number is not.
std::string fixed(double number, int decimals);

/// Rounded to a number of significant digits: 0.0763251, 4 -> "0.07633"; "not finite" likewise.
std::string rounded(double number, int digits);

/// A count: 10000 -> "10,000"
std::string grouped(std::int64_t count);

/// A share in [0,1]: 0.9778 -> "97.78 %", with a space at which no line breaks.
std::string percent(double share);

/// "96.50 to 98.43 %"
std::string interval_text(const Interval& interval);

/// 13.14 -> "13.1 s", 200 -> "3 min 20 s", 3960 -> "1 h 6 min"
std::string duration_text(double seconds);

/// A p-value: "p = 0.44", "p < 0.001", "p < 0.000001"
std::string p_text(double p);

// Where the axes of a chart have ticks: at 1, 2 or 5 times a power of ten.

/// Ticks of a logarithmic axis for values from `low` to `high`, 1e-100 <= low <= high <= 1e100. The
/// first is at most `low` and the last at least `high`, and there are at least two. Over many
/// decades there are only powers of ten.
std::vector<double> log_ticks(double low, double high);

/// The multiples in [low, high] of a whole number that divides this into at most `parts` steps.
std::vector<double> whole_ticks(double low, double high, int parts);

}  // namespace mnist
