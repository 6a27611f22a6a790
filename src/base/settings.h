#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mnist {

/// {256, 128} -> "256,128"; {} -> "none".
inline std::string join_sizes(const std::vector<std::int64_t>& sizes) {
  std::string list;
  for (const std::int64_t size : sizes) list += (list.empty() ? "" : ",") + std::to_string(size);
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
