#pragma once

#include <cstdint>
#include <string>

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

}  // namespace mnist
