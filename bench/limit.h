#pragma once

#include <cstddef>

namespace mnist {

/// Seconds that the CPU takes for a vector of the widest kind that the sparse engine uses.
struct VectorRates {
  std::size_t lanes;    ///< floats in a vector
  double multiply_add;  ///< to load it from the first-level cache and to multiply and add
  double update;        ///< to read it from the weights, change it, and write it back
};

/// The best of many short measurements, with weights of `floats` floats.
VectorRates measure_rates(std::size_t floats);

}  // namespace mnist
