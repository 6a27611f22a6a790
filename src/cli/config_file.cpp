#include "cli/config_file.h"

#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "cli/usage_error.h"

namespace mnist {
namespace {

class ConfigReader : public CLI::ConfigTOML {
 public:
  explicit ConfigReader(const CLI::App& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> found = CLI::ConfigTOML::from_config(input);
    for (CLI::ConfigItem& item : found) {
      const std::string option = with_dashes("--" + item.name);
      check(item, option);
      item.name = option.substr(2);
      item.inputs = {fmt::format("{}", fmt::join(item.inputs, ","))};  // hidden = [256, 128]
    }
    return found;
  }

 private:
  void check(const CLI::ConfigItem& item, const std::string& name) const {
    if (!item.parents.empty()) {
      fail_usage("--config: expected lines such as lr = 0.01, found a table '{}'",
                 item.parents.front());
    }
    if (item.inputs.empty()) fail_usage("--config: {}: expected a value, found none", name);
    const CLI::Option* const option = app_.get_option_no_throw(name);
    if (option == nullptr) fail_at_option(app_, name, "--config: ");
    if (!option->get_configurable()) {
      fail_usage("--config: expected options that decide the result, found '{}'", name);
    }
  }

  const CLI::App& app_;
};

}  // namespace

std::shared_ptr<CLI::Config> config_reader(const CLI::App& app) {
  return std::make_shared<ConfigReader>(app);
}

}  // namespace mnist
