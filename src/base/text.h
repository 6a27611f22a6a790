#pragma once

#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mnist {

/// Text without ASCII's control characters, which a terminal would obey and which break lines.
inline std::string printable(std::string text) {
  constexpr char kDelete = 0x7f;
  for (char& letter : text) {
    if (static_cast<unsigned char>(letter) < ' ' || letter == kDelete) letter = '?';
  }
  return text;
}

/// "a, b, c and 4 more": the first names of a list for a message.
inline std::string first_of(const std::vector<std::string>& names, std::size_t most) {
  const std::span shown(names.data(), std::min(most, names.size()));
  const std::size_t rest = names.size() - shown.size();
  return fmt::format("{}{}", fmt::join(shown, ", "),
                     rest == 0 ? "" : fmt::format(" and {} more", rest));
}

/// {256, 128} -> "256,128"; {} -> "none".
inline std::string join_sizes(const std::vector<std::int64_t>& sizes) {
  return sizes.empty() ? "none" : fmt::format("{}", fmt::join(sizes, ","));
}

/// The shortest text that is read back as the same number: "0.1", "1e-05".
inline std::string shortest(double number) { return fmt::format("{}", number); }

/// A share in [0,1] in percent: 0.9781 -> "97.81". Only 1 is "100.00", however others are rounded.
inline std::string percent_text(double share) {
  return fmt::format("{:.2f}", share < 1.0 ? std::min(100 * share, 99.99) : 100.0);
}

/// JSON on one line. Bytes that are not UTF-8, which a path may have but JSON cannot, are replaced.
template <typename Json>
std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

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
