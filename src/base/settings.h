#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mnist {

/// {256, 128} -> "256,128"; {} -> "none".
inline std::string join_widths(const std::vector<std::int64_t>& widths) {
  std::string list;
  for (const std::int64_t width : widths) list += (list.empty() ? "" : ",") + std::to_string(width);
  return list.empty() ? "none" : list;
}

/// An option of a run that has a value.
struct Setting {
  std::string name;   ///< without dashes
  std::string value;  ///< as TOML and JSON both write it
};

/// As a file for --config: a line `name = value` for each.
inline std::string to_toml(const std::vector<Setting>& settings) {
  std::string lines;
  for (const Setting& setting : settings) lines += setting.name + " = " + setting.value + "\n";
  return lines;
}

}  // namespace mnist
