#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_line.h"
#include "cli/cli.h"
#include "cli/option_table.h"

namespace mnist {
namespace {

bool is_quoted(ValueKind kind) { return kind != ValueKind::kNumber && kind != ValueKind::kFlag; }

/// A text in quotes, with the escapes that TOML and JSON have in common.
std::string quoted(const std::string& text) {
  std::string result = json_line(nlohmann::json(text));
  for (std::size_t at = 0; (at = result.find('\x7f', at)) != std::string::npos;) {
    result.replace(at, 1, "\\u007f");  // which TOML wants escaped, and nlohmann's JSON leaves
  }
  return result;
}

}  // namespace

std::vector<Setting> settings(const Options& options) {
  CommandLine line;
  line.options = options;
  std::vector<Setting> result;
  for (const OptionRow& row : main_options(line)) {
    if (row.affects == Affects::kNothing) continue;
    const std::string text = row.value.text();
    if (text.empty()) continue;
    const Setting setting{row.names.front().substr(2),
                          is_quoted(row.value.kind) ? quoted(text) : text,
                          row.affects == Affects::kWeights};
    const auto before = std::find_if(result.begin(), result.end(), [&](const Setting& earlier) {
      return earlier.name == row.written_after;
    });
    result.insert(before == result.end() ? before : before + 1, setting);
  }
  std::stable_partition(result.begin(), result.end(),
                        [](const Setting& setting) { return !setting.decides_weights; });
  return result;
}

std::vector<Setting> decisive_settings(const Options& options) {
  std::vector<Setting> result = settings(options);
  std::erase_if(result, [](const Setting& setting) { return !setting.decides_weights; });
  return result;
}

std::string describe_training(const Options& options) {
  CommandLine line;
  line.options = options;
  std::string result;
  for (const OptionRow& row : main_options(line)) {
    const std::string text = row.value.text ? row.value.text() : "";
    if (row.group != "Training" || text.empty()) continue;
    result += (result.empty() ? "" : ", ") + row.names.front().substr(2) + " " + text;
  }
  return result;
}

}  // namespace mnist
