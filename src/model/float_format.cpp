#include "model/float_format.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace mnist {
namespace {

template <typename Number>
Number load(const char* bytes) {
  Number number;
  std::memcpy(&number, bytes, sizeof(number));
  return number;
}

/// One sign bit, five of the exponent, ten of the fraction.
float read_half(const char* bytes) {
  constexpr int kLargestExponent = 31;
  constexpr int kHiddenBit = 1024;
  const int bits = load<std::uint16_t>(bytes);
  const int exponent = bits >> 10 & kLargestExponent;
  const int fraction = bits & (kHiddenBit - 1);
  float magnitude = exponent == 0
                        ? std::ldexp(static_cast<float>(fraction), -24)
                        : std::ldexp(static_cast<float>(kHiddenBit + fraction), exponent - 25);
  if (exponent == kLargestExponent) {
    magnitude = fraction == 0 ? std::numeric_limits<float>::infinity()
                              : std::numeric_limits<float>::quiet_NaN();
  }
  return bits >> 15 == 0 ? magnitude : -magnitude;
}

float read_upper_half(const char* bytes) {
  return std::bit_cast<float>(std::uint32_t{load<std::uint16_t>(bytes)} << 16);
}

constexpr std::array kFormats{
    FloatFormat{"F32", sizeof(float), load<float>},
    FloatFormat{"F64", sizeof(double),
                [](const char* bytes) { return static_cast<float>(load<double>(bytes)); }},
    FloatFormat{"F16", sizeof(std::uint16_t), read_half},
    FloatFormat{"BF16", sizeof(std::uint16_t), read_upper_half},
};

}  // namespace

const FloatFormat* float_format(std::string_view dtype) {
  const auto* const found =
      std::find_if(kFormats.begin(), kFormats.end(),
                   [&](const FloatFormat& format) { return format.dtype == dtype; });
  return found == kFormats.end() ? nullptr : found;
}

}  // namespace mnist
