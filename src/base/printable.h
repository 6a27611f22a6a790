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

/// How the program says that something failed, on standard error.
inline std::string error_line(const std::string& message) {
  return "mnist-train: error: " + printable(message) + "\n";
}

}  // namespace mnist
