#include "cli/cli.h"
#include "cli/option_table.h"

namespace mnist {
namespace {

/// The rows that have a value and decide the result.
std::vector<Setting> settings_of(const std::vector<OptionRow>& rows) {
  std::vector<Setting> settings;
  for (const OptionRow& row : rows) {
    if (row.affects == Affects::kNothing) continue;
    const std::string value = row.value.written();
    if (value.empty()) continue;
    const std::string name = row.names.substr(2, row.names.find(',') - 2);  // of "--lr,--..."
    settings.push_back({name, value, row.affects == Affects::kWeights});
  }
  return settings;
}

}  // namespace

std::vector<Setting> settings(const Options& options) {
  CommandLine line;
  line.options = options;
  std::vector<Setting> all;
  for (const OptionGroup& group : main_options(line)) {
    for (Setting& setting : settings_of(group.rows)) all.push_back(std::move(setting));
  }
  return all;
}

std::vector<Setting> decisive_settings(const Options& options) {
  std::vector<Setting> decisive = settings(options);
  std::erase_if(decisive, [](const Setting& setting) { return !setting.decides_weights; });
  return decisive;
}

std::string describe_training(const TrainingOptions& options) {
  TrainingOptions copy = options;
  std::string text;
  for (const Setting& setting : settings_of(training_options(copy))) {
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ", setting.name, plain_text(setting.value));
  }
  return text;
}

}  // namespace mnist
