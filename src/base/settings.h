#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mnist {

constexpr std::int64_t kMaxWidth = 65536;  ///< of a hidden layer

/// The widths of the hidden layers: "256,128" -> {256, 128}; "none" -> {}. None if the text is
/// anything else, or a width is not from 1 to kMaxWidth.
std::optional<std::vector<std::int64_t>> parse_widths(const std::string& text);
std::string join_widths(const std::vector<std::int64_t>& widths);  ///< the reverse

/// An option of a run that has a value.
struct Setting {
  std::string name;              ///< without dashes
  std::string value;             ///< as TOML and JSON both write it
  bool decides_weights = false;  ///< a run can only be resumed with the same value
};

/// As a file for --config: a line `name = value` for each.
std::string to_toml(const std::vector<Setting>& settings);

}  // namespace mnist
