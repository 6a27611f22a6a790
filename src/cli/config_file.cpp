#include "cli/config_file.h"

#include <toml++/toml.h>

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/usage_error.h"

namespace mnist {
namespace {

/// The value as the command line has it: [256, 128] is 256,128.
std::string text_of(const toml::node& value) {
  if (const auto text = value.value_exact<std::string>()) return *text;
  if (const auto whole = value.value_exact<std::int64_t>()) return std::to_string(*whole);
  if (const auto number = value.value_exact<double>()) return shortest(*number);
  std::ostringstream text;
  if (const toml::array* const list = value.as_array()) {
    const char* separator = "";
    for (const toml::node& item : *list) text << std::exchange(separator, ",") << text_of(item);
  } else {
    value.visit([&text](const auto& other) { text << other; });
  }
  return text.str();
}

toml::table parse(const std::string& bytes) {
  // Without a mark, one of the first two bytes is zero: that of an ASCII character.
  const bool is_utf16 = bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff") ||
                        (bytes.size() > 1 && (bytes[0] == '\0') != (bytes[1] == '\0'));
  if (is_utf16) fail_usage("--config: expected UTF-8, found UTF-16; save the file as UTF-8");
  try {
    return toml::parse(std::string_view(bytes));
  } catch (const toml::parse_error& error) {
    const bool is_escape = error.description().find("escape") != std::string_view::npos ||
                           error.description().find("unicode scalar") != std::string_view::npos;
    if (is_escape) {
      fail_usage(
          "--config: expected TOML, found in line {} a backslash that stands for nothing; write "
          "the text in single quotes",
          error.source().begin.line);
    }
    fail_usage(
        "--config: expected TOML, such as lr = 0.01 and engine = \"auto\", found in line {}: {}",
        error.source().begin.line, error.description());
  }
}

class ConfigReader : public CLI::ConfigTOML {
 public:
  explicit ConfigReader(const CLI::App& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::ostringstream bytes;
    if (input.peek() != std::istream::traits_type::eof()) bytes << input.rdbuf();
    if (input.bad()) throw CLI::FileError::Missing("");
    std::vector<CLI::ConfigItem> found;
    std::set<const CLI::Option*> given;
    for (const auto& [key, value] : parse(bytes.str())) {
      if (key.str().starts_with('-')) {
        fail_usage("--config: expected names without dashes, such as lr = 0.01, found '{}'",
                   key.str());
      }
      const std::string option = with_dashes("--" + std::string(key.str()));
      const std::string text = text_of(value);
      check(option, value, text);
      if (!given.insert(app_.get_option(option)).second) {
        fail_usage("--config: expected each option once, found '{}' beside another name of it",
                   key.str());
      }
      CLI::ConfigItem item;
      item.name = option.substr(2);
      item.inputs = {text};
      found.push_back(std::move(item));
    }
    return found;
  }

 private:
  void check(const std::string& name, const toml::node& value, const std::string& text) const {
    if (value.is_table()) {
      fail_usage("--config: expected lines such as lr = 0.01, found a table '{}'", name.substr(2));
    }
    const CLI::Option* const option = app_.get_option_no_throw(name);
    if (option == nullptr) fail_at_option(app_, name, "--config: ");
    if (!option->get_configurable()) {
      fail_usage("--config: expected options that decide the result, found '{}'", name);
    }
    if (text.empty()) fail_usage("--config: {}: expected a value, found none", name);
  }

  const CLI::App& app_;
};

}  // namespace

std::shared_ptr<CLI::Config> config_reader(const CLI::App& app) {
  return std::make_shared<ConfigReader>(app);
}

}  // namespace mnist
