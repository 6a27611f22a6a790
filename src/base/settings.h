#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mnist {

/// {256, 128} -> "256,128"; {} -> "none".
std::string join_widths(const std::vector<std::int64_t>& widths);

/// An option of a run that has a value.
struct Setting {
  std::string name;   ///< without dashes
  std::string value;  ///< as TOML and JSON both write it
};

/// As a file for --config: a line `name = value` for each.
std::string to_toml(const std::vector<Setting>& settings);

}  // namespace mnist
