#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mnist {

// Numbers as a page shows them, whatever the locale.

/// With a fixed number of decimals: 3.14159, 2 -> "3.14"; "not finite" if the number is not.
std::string fixed(double number, int decimals);

/// Rounded to a number of significant digits: 0.0763251, 4 -> "0.07633"; "not finite" likewise.
std::string rounded(double number, int digits);

/// 10000 -> "10,000"
std::string grouped(std::int64_t number);

/// 1, "image" -> "1 image"; 10000, "image" -> "10,000 images"
std::string count_of(std::int64_t number, const std::string& thing);

/// A share in [0,1]: 0.9778 -> "97.78 %", with a space at which no line breaks.
std::string percent(double share);

/// 13.14 -> "13.1 s", 200 -> "3 min 20 s", 3960 -> "1 h 6 min"
std::string duration_text(double seconds);

// Where the axes of a chart have ticks: at multiples of a step that is 1, 2 or 5 times a power of
// ten, so that people can read them.

/// Ticks of a logarithmic axis for values from `low` to `high`, 0 < low <= high. The first is at
/// most `low` and the last at least `high`. A range of less than a factor of two has evenly spaced
/// ticks; a wider one has 1, 2 and 5 times each power of ten; a range of many decades has only
/// powers of ten.
std::vector<double> log_ticks(double low, double high);

/// The whole numbers in [low, high] that are multiples of a step: about six of them.
std::vector<double> whole_ticks(double low, double high);

}  // namespace mnist
