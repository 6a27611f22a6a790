#include "report/html.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace mnist {
namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string opening_tag(const std::string& name, const Attributes& attributes) {
  std::string result = "<" + name;
  for (const auto& [key, value] : attributes) result += " " + key + "=\"" + escaped(value) + "\"";
  return result + ">";
}

std::string formatted(double number, std::chars_format format, int precision) {
  if (!std::isfinite(number)) return "not finite";
  std::array<char, 400> digits{};  // the largest double has 309 before the point
  const auto result =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, format, precision);
  return {digits.data(), result.ptr};
}

}  // namespace

Html::Html(const std::string& text) : markup_(escaped(text)) {}

Html Html::trusted(std::string markup) {
  Html result;
  result.markup_ = std::move(markup);
  return result;
}

Html element(const std::string& name, const Attributes& attributes, const Html& content) {
  return Html::trusted(opening_tag(name, attributes) + content.markup() + "</" + name + ">");
}

Html void_element(const std::string& name, const Attributes& attributes) {
  return Html::trusted(opening_tag(name, attributes));
}

std::string data_uri(const std::string& type, const std::string& bytes) {
  constexpr const char* kSymbols =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result = "data:" + type + ";base64,";
  for (std::size_t start = 0; start < bytes.size(); start += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = start; i < start + 3; ++i) {
      group = group << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
    }
    for (std::size_t symbol = 0; symbol < 4; ++symbol) {
      const bool filled = start + symbol <= bytes.size();
      result += filled ? kSymbols[group >> (18 - 6 * symbol) & 0x3f] : '=';
    }
  }
  return result;
}

std::string fixed(double number, int decimals) {
  return formatted(number, std::chars_format::fixed, decimals);
}

std::string rounded(double number, int digits) {
  return formatted(number, std::chars_format::general, digits);
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (std::size_t place = digits.size(); place > sign + 3;) {
    place -= 3;
    digits.insert(place, ",");
  }
  return digits;
}

std::string percent(double share) { return fixed(100 * share, 2) + "\u00a0%"; }

std::string duration_text(double seconds) {
  if (seconds < 60) return fixed(seconds, 1) + "\u00a0s";
  const auto whole = static_cast<std::int64_t>(std::min(seconds, 1e12));
  const auto unit = [](std::int64_t number, const char* name) {
    return std::to_string(number) + "\u00a0" + name;
  };
  if (whole < 3600) return unit(whole / 60, "min") + " " + unit(whole % 60, "s");
  return unit(whole / 3600, "h") + " " + unit(whole / 60 % 60, "min");
}

}  // namespace mnist
