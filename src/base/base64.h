#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mnist {

/// Bytes as text, for a data: URI or a script. Source: RFC 4648, section 4.
inline std::string base64(std::string_view bytes) {
  constexpr std::string_view kSymbols =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t start = 0; start < bytes.size(); start += 3) {
    std::uint32_t group = 0;  // of 24 bits
    for (std::size_t i = start; i < start + 3; ++i) {
      group = group << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
    }
    for (std::size_t symbol = 0; symbol < 4; ++symbol) {
      const bool filled = start + symbol <= bytes.size();
      text += filled ? kSymbols[group >> (18 - 6 * symbol) & 0x3f] : '=';
    }
  }
  return text;
}

}  // namespace mnist
