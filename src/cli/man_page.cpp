#include <stdexcept>
#include <string>

#include "cli/docs.h"
#include "mnist_train/error.h"

namespace mnist {
namespace {

/// Text as roff takes it literally.
std::string escaped(const std::string& text) {
  std::string result;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";  // a plain one may become a typographic hyphen, which no shell takes
    } else {
      result += c;
    }
    at_start = c == '\n';
  }
  return result;
}

std::string term(const std::string& markup, const std::string& text) {
  return ".TP\n" + markup + "\n" + escaped(text) + "\n";
}

/// \fB\-\-epochs\fR \fIN [30]\fR
std::string markup(const OptionHelp& option) {
  std::string text;
  for (const std::string& name : option.names) {
    text += (text.empty() ? "\\fB" : ", \\fB") + escaped(name) + "\\fR";
  }
  if (option.value.empty()) return text;
  return text + (text.empty() ? "\\fI" : " \\fI") + escaped(option.value) + "\\fR";
}

/// Under the headings of their groups if there are several.
std::string options(const CommandHelp& command) {
  std::string text;
  std::string group = command.name.empty() ? "" : command.options.front().group;
  for (const OptionHelp& option : command.options) {
    if (option.group != group) text += ".SS " + escaped(option.group) + "\n";
    group = option.group;
    text += term(markup(option), option.help);
  }
  return text;
}

}  // namespace

Parts man_page_parts(const std::vector<CommandHelp>& commands) {
  Parts parts{{"VERSION", MNIST_TRAIN_VERSION}, {"OPTIONS", options(commands.front())}};
  for (const CommandHelp& command : commands) {
    if (command.name.empty()) continue;
    parts["COMMANDS"] +=
        ".SS mnist\\-train " + command.name + "\n" + escaped(command.help) + ".\n" +
        (command.takes_main_options ? "It takes the options above.\n" : options(command));
  }
  for (const auto& [code, meaning] : kExitCodes) {
    parts["EXIT_CODES"] += term(".B " + std::to_string(static_cast<int>(code)), meaning);
  }
  return parts;
}

std::string filled(std::string text, const Parts& parts) {
  for (const auto& [name, part] : parts) {
    const std::string mark = "@" + name + "@";
    const std::size_t at = text.find(mark);
    if (at == std::string::npos) throw std::invalid_argument("there is no " + mark);
    const bool whole_line = !part.empty() && part.back() == '\n';
    text.replace(at, mark.size() + (whole_line ? 1 : 0), part);
  }
  return text;
}

}  // namespace mnist
