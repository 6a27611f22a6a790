#pragma once

#include <vector>

namespace mnist {

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
