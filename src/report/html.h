#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/shortest.h"

namespace mnist {

/// Markup of a page, or of an SVG picture in one. Text becomes markup by being escaped and in no
/// other way, so what a file or the name of a folder holds is never taken for markup.
class Html {
 public:
  Html() = default;
  Html(const std::string& text);
  Html(const char* text) : Html(std::string(text)) {}

  /// What is markup already, such as a style sheet.
  static Html trusted(std::string markup);

  const std::string& markup() const { return markup_; }
  bool empty() const { return markup_.empty(); }

  Html& operator+=(const Html& more) {
    markup_ += more.markup_;
    return *this;
  }
  friend Html operator+(Html left, const Html& right) { return left += right; }

 private:
  std::string markup_;
};

using Attributes = std::vector<std::pair<std::string, std::string>>;

/// `<name attribute="value">content</name>`; the values are escaped. Text has no line feeds added.
Html element(const std::string& name, const Attributes& attributes, const Html& content);

/// `<name attribute="value">`, for what has no content in HTML: meta, img.
Html void_element(const std::string& name, const Attributes& attributes);

/// A URI that holds the bytes themselves. Sources: RFC 2397, and RFC 4648 for base64.
std::string data_uri(const std::string& type, const std::string& bytes);

// Numbers as a page shows them, whatever the locale.

/// 3.14159, 2 -> "3.14"; "not finite" if it is not.
std::string fixed(double number, int decimals);
/// To so many significant digits: 0.0763251, 4 -> "0.07633"; "not finite" if it is not.
std::string rounded(double number, int digits);
/// 10000 -> "10,000"
std::string grouped(std::int64_t number);
/// 0.9778 -> "97.78 %", with a space that keeps the line together
std::string percent(double share);
/// 13.14 -> "13.1 s", 200 -> "3 min 20 s", 3960 -> "1 h 6 min"
std::string duration_text(double seconds);

}  // namespace mnist
