#include <algorithm>
#include <array>
#include <filesystem>

#include "cli/all_options.h"
#include "cli/option.h"

namespace mnist {
namespace {

/// What a run may be resumed with another value of. The data are not decided by their directory:
/// the checkpoint knows their fingerprint.
constexpr std::array kMayChange{"data",   "test-limit", "epochs",      "max-time",
                                "device", "threads",    "min-accuracy"};

bool applies(const std::string& name, Augment kind) {
  return std::none_of(std::begin(kAugmentParameters), std::end(kAugmentParameters),
                      [&](const auto& one) { return name == one.name && kind < one.least; });
}

/// The settings of a group of the help; of all groups if `group` is empty.
std::vector<Setting> settings_of(const Options& options, const std::string& group) {
  CommandLine line;
  line.options = options;
  AugmentOptions& augment = line.options.training.augment;
  augment.translate = augment.largest_translation();
  if (std::string& dir = line.options.data.dir; !dir.empty()) {
    dir = std::filesystem::absolute(dir).lexically_normal().string();
  }
  CLI::App app;
  add_main_options(app, line);
  std::vector<Setting> settings;
  for (CLI::Option* option : app.get_options({})) {
    const std::string name = option->get_name();
    const bool is_one = option->get_configurable() && applies(name, augment.kind) &&
                        (group.empty() || group == option->get_group());
    if (!is_one) continue;
    const std::string value = option->capture_default_str()->get_default_str();
    if (!value.empty()) settings.push_back({name.substr(2), value});
  }
  return settings;
}

}  // namespace

std::vector<Setting> settings(const Options& options) { return settings_of(options, ""); }

std::vector<Setting> decisive_settings(const Options& options) {
  std::vector<Setting> decisive = settings(options);
  std::erase_if(decisive, [](const Setting& setting) {
    return std::find(kMayChange.begin(), kMayChange.end(), setting.name) != kMayChange.end();
  });
  return decisive;
}

std::string describe_training(const Options& options) {
  std::string text;
  for (const Setting& setting : settings_of(options, kTrainingGroup)) {
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ", setting.name, plain_text(setting.value));
  }
  return text;
}

}  // namespace mnist
