#pragma once

#include <algorithm>
#include <string>

namespace mnist {

/// Text without control characters, which a terminal would obey and which break lines.
inline std::string printable(std::string text) {
  constexpr char kDelete = 0x7f;
  std::replace_if(
      text.begin(), text.end(),
      [](char letter) { return (0 <= letter && letter < ' ') || letter == kDelete; }, '?');
  return text;
}

}  // namespace mnist
