#pragma once

#include <array>
#include <charconv>
#include <string>

namespace mnist {

/// The shortest text that is read back as the same number: "0.1", "1e-05".
inline std::string shortest(double number) {
  std::array<char, 32> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return {digits.data(), result.ptr};
}

}  // namespace mnist
