#include "cli/parser.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/exit_code.h"
#include "base/fail.h"
#include "cli/nearest.h"

namespace mnist {
namespace {

/// Help without aliases: an option has its first name, its letter and the name that switches it
/// off.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    if (is_positional) return CLI::Formatter::make_option_name(option, true);
    std::string shown;
    for (const std::string& letter : option->get_snames()) shown += "-" + letter + ",";
    for (const std::string& name : option->get_lnames()) {
      const bool is_first = name == option->get_lnames().front();
      if (is_first || name.starts_with("no-")) shown += "--" + name + ",";
    }
    return shown.substr(0, shown.size() - 1);
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string& text = option->get_option_text();
    return text.empty() ? "" : " " + text;
  }
};

std::string exit_codes() {
  std::string text =
      "Results go to standard output, everything else to standard error.\n\nExit codes:";
  for (const auto& [code, meaning] : kExitCodes) {
    text += fmt::format("\n  {:<5}{}", static_cast<int>(code), meaning);
  }
  return text;
}

/// "N [30]", with what the variable holds, if that is something; empty for a flag.
std::string shown_value(const OptionValue& value) {
  if (value.placeholder.empty() || !value.written) return value.placeholder;
  const std::string initial = plain_text(value.written());
  return initial.empty() ? value.placeholder : value.placeholder + " [" + initial + "]";
}

/// A row's variable is set by its validator, as often as the option is given: the last value
/// counts, but each is checked.
void add_option(CLI::App& app, const OptionRow& row, const std::string& group) {
  const bool is_flag = row.value.placeholder.empty();
  CLI::Option& option =
      is_flag ? *app.add_flag(row.names, row.help) : *app.add_option(row.names, row.help);
  option.check(CLI::Validator([&row](std::string& text) { return row.value.set(text); }, ""));
  option.group(group)->required(row.is_required)->configurable(row.affects != Affects::kNothing);
  option.multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  if (row.names.starts_with('-')) {
    option.option_text(shown_value(row.value));
  } else {
    option.expected(1, -1)->allow_extra_args();  // one or more
    option.multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
}

/// --weight_decay=0.1 becomes --weight-decay=0.1: sweep tools write the names of options like
/// variables. Throws Error(kUsage) if nothing follows the =.
std::string with_dashes(std::string argument) {
  if (!argument.starts_with("--")) return argument;
  const std::size_t end = std::min(argument.find('='), argument.size());
  // CLI11 would take the next argument for the value of `--data=`.
  if (end + 1 == argument.size()) {
    fail(ErrorKind::kUsage, "{}: expected a value, found none", argument.substr(0, end));
  }
  std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  return argument;
}

/// Refuses the first unknown argument, and names the option or command that was probably meant.
void refuse_extras(CLI::App& app) {
  for (const std::string& extra : app.remaining(true)) {
    if (extra == "--") continue;  // which ends the options
    const bool is_option = extra.starts_with('-');
    const std::string word = extra.substr(0, is_option ? extra.find('=') : std::string::npos);
    std::vector<std::string> known;
    for (const CLI::Option* option : place_of_options(app).get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
    if (!is_option) known.clear();
    if (!is_option && &chosen(app) == &app) {
      for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
    }
    const auto meant = nearest(word, known);
    fail(ErrorKind::kUsage, "{} '{}'{}", is_option ? "unknown option" : "unexpected argument", word,
         meant ? fmt::format(" (did you mean '{}'?)", *meant) : "; see --help");
  }
}

}  // namespace

void add_commands(CLI::App& app, const std::vector<OptionGroup>& groups,
                  const std::vector<Command>& commands) {
  app.formatter(std::make_shared<HelpFormatter>());
  for (const OptionGroup& group : groups) {
    for (const OptionRow& row : group.rows) add_option(app, row, group.heading);
    if (group.heading != "Run") continue;
    app.set_help_flag("-h,--help", "Print this help and exit")->group(group.heading);
  }
  app.require_subcommand(0, 1);
  for (const Command& command : commands) {
    CLI::App& place = *app.add_subcommand(command.name, command.help);
    place.fallthrough(command.takes_main_options)->footer(command.footer);
    for (const OptionRow& row : command.options) add_option(place, row, "Options");
  }
  app.footer(exit_codes());
}

CLI::App& chosen(CLI::App& app) {
  const std::vector<CLI::App*> given = app.get_subcommands();
  return given.empty() ? app : *given.front();
}

CLI::App& place_of_options(CLI::App& app) {
  CLI::App& command = chosen(app);
  return command.get_fallthrough() ? app : command;
}

bool parse_arguments(CLI::App& app, std::vector<std::string> arguments) {
  const auto end_of_options = std::find(arguments.begin(), arguments.end(), "--");
  std::transform(arguments.begin(), end_of_options, arguments.begin(), with_dashes);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return false;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string message = error.what();  // starts with the option's name
    fail(ErrorKind::kUsage, "{}: expected a value, found none",
         message.substr(0, message.find(':')));
  } catch (const CLI::ValidationError& error) {
    fail(ErrorKind::kUsage, "{}", error.what());
  } catch (const CLI::ParseError& error) {
    refuse_extras(app);  // a misspelt option may be why another one is missing
    fail(ErrorKind::kUsage, "{}", error.what());
  }
  return true;
}

}  // namespace mnist
