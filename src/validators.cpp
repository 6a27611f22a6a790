#include "mnist_train/validators.h"

#include <limits>
#include <locale>
#include <sstream>

namespace mnist {
namespace {

constexpr std::int64_t kMaxWidth = 65536;

/// The number that `text` is from its first to its last character; none for `5abc`, `nan` or an
/// overflow.
template <typename Number>
std::optional<Number> parse_whole(const std::string& text) {
  std::istringstream stream(text);
  stream.imbue(std::locale::classic());
  Number number{};
  if (!(stream >> std::noskipws >> number)) return std::nullopt;
  if (stream.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::vector<std::int64_t>> parse_widths(const std::string& text) {
  std::vector<std::int64_t> widths;
  if (text == "none") return widths;
  std::istringstream items(text + ",");
  for (std::string item; std::getline(items, item, ',');) {
    const auto width = parse_whole<std::int64_t>(item);
    if (!width || *width < 1 || *width > kMaxWidth) return std::nullopt;
    widths.push_back(*width);
  }
  return widths;
}

CLI::Validator expect(const std::string& expected,
                      const std::function<bool(const std::string&)>& accepts) {
  return {[=](const std::string& text) {
            return accepts(text) ? "" : "expected " + expected + ", found '" + text + "'";
          },
          ""};
}

CLI::Validator integer(std::int64_t low, std::int64_t high) {
  return expect("a whole number from " + std::to_string(low) + " to " + std::to_string(high),
                [=](const std::string& text) {
                  const auto number = parse_whole<std::int64_t>(text);
                  return number && low <= *number && *number <= high;
                });
}

CLI::Validator number(double low, double high, const std::string& range) {
  return expect("a number " + range, [=](const std::string& text) {
    const auto number = parse_whole<double>(text);
    return number && low <= *number && *number <= high;
  });
}

CLI::Validator non_negative() {
  return number(0, std::numeric_limits<double>::max(), "of at least 0");
}

CLI::Validator percentage() {
  return expect("a percentage such as 97.5 (0, or above 1 and up to 100)",
                [](const std::string& text) {
                  const auto number = parse_whole<double>(text);
                  return number && (*number == 0 || (1 < *number && *number <= 100));
                });
}

CLI::Validator widths() {
  return expect("widths from 1 to " + std::to_string(kMaxWidth) + " such as 256,256, or none",
                [](const std::string& text) { return parse_widths(text).has_value(); });
}

}  // namespace mnist
