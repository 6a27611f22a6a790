#include "cli/config_file.h"

#include <string>
#include <vector>

#include "cli/usage.h"

namespace mnist {
namespace {

std::string with_commas(const std::vector<std::string>& items) {
  std::string result;
  for (const std::string& item : items) result += (result.empty() ? "" : ",") + item;
  return result;
}

class ConfigReader : public CLI::ConfigTOML {
 public:
  explicit ConfigReader(const CLI::App& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> found = CLI::ConfigTOML::from_config(input);
    for (CLI::ConfigItem& item : found) {
      check(item);
      item.name = item_option(item).substr(2);
      if (item.inputs.size() > 1) item.inputs = {with_commas(item.inputs)};
    }
    return found;
  }

 private:
  static std::string item_option(const CLI::ConfigItem& item) {
    return with_dashes("--" + item.name);
  }

  void check(const CLI::ConfigItem& item) const {
    if (!item.parents.empty()) {
      fail_usage("--config: expected lines such as lr = 0.01, found a table '" +
                 item.parents.front() + "'");
    }
    const std::string name = item_option(item);
    if (item.inputs.empty()) fail_usage("--config: " + name + ": expected a value, found none");
    const CLI::Option* const option = app_.get_option_no_throw(name);
    if (option == nullptr) refuse_option(app_, name, "--config: ");
    if (!option->get_configurable()) {
      fail_usage("--config: expected options that decide the result, found '" + name + "'");
    }
  }

  const CLI::App& app_;
};

}  // namespace

std::shared_ptr<CLI::Config> config_reader(const CLI::App& app) {
  return std::make_shared<ConfigReader>(app);
}

}  // namespace mnist
