#include "cli/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/settings.h"
#include "cli/command_help.h"
#include "cli/config_file.h"
#include "cli/main_options.h"
#include "cli/subcommands.h"
#include "cli/usage.h"
#include "mnist_train/error.h"

namespace mnist {
namespace {

/// Help without CLI11's mark of a flag that negates another.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    const std::string name = CLI::Formatter::make_option_name(option, is_positional);
    const std::string mark = "{false}";
    const std::size_t at = name.find(mark);
    return at == std::string::npos ? name : name.substr(0, at) + name.substr(at + mark.size());
  }
};

std::string footer() {
  constexpr std::size_t kWidth = 90;
  std::string text = "Results go to standard output, everything else to standard error.\n";
  std::string line = "Exit codes:";
  const char* separator = "";
  for (const auto& [code, meaning] : kExitCodes) {
    const std::string item = std::to_string(static_cast<int>(code)) + " " + meaning;
    line += std::exchange(separator, ",");
    if (line.size() + item.size() > kWidth) text += std::exchange(line, "") + "\n";
    line += (line.empty() ? "" : " ") + item;
  }
  return text + line;
}

/// Refuses an argument that is no option of ours.
[[noreturn]] void refuse(const CLI::App& app, const std::string& argument) {
  if (argument.rfind('-', 0) != 0) refuse_argument(app, argument);
  refuse_option(app, argument.substr(0, argument.find('=')), "");
}

/// Refuses arguments that the app did not know. It keeps the -- that ends options among them.
void refuse_extras(const CLI::App& app) {
  for (const std::string& extra : app.remaining()) {
    if (extra != "--") refuse(app, extra);
  }
}

/// Refuses what was given and is of no use: unknown arguments, and options of training that a
/// subcommand would ignore.
void refuse_leftovers(const CLI::App& app, const CLI::App* subcommand) {
  refuse_extras(app);
  if (subcommand == nullptr) return;
  refuse_extras(*subcommand);
  if (subcommand->get_fallthrough()) return;
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0) continue;
    fail_usage("expected the options of " + subcommand->get_name() + " after it, found " +
               option->get_name() + " before it");
  }
}

/// The whole command line, and where what it says goes.
struct Parser {
  CommandLine command;
  RawOptions raw;
  CLI::App app{"Trains a multilayer perceptron on MNIST and tests it.", "mnist-train"};
  const CLI::App* doctor;

  Parser() {
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    app.allow_extras();  // they are refused, with the name that was meant
    app.formatter(std::make_shared<HelpFormatter>());
    app.footer(footer());
    app.config_formatter(config_reader(app));
    add_main_options(app, command.options, raw);
    doctor = app.add_subcommand("doctor", "Check what a run with these options would find")
                 ->fallthrough();  // the options of training
    add_subcommands(app, command);
  }
  Parser(const Parser&) = delete;  // the app refers to the rest
  Parser& operator=(const Parser&) = delete;
};

/// Without the program's name, and the last first, as CLI11 wants them.
std::vector<std::string> backwards(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  const char* const* const end_of_options =
      std::find(argv + 1, argv + argc, std::string_view("--"));
  for (const char* const* argument = argv + argc; --argument > argv;) {
    arguments.push_back(argument < end_of_options ? with_dashes(*argument) : *argument);
  }
  return arguments;
}

/// Parses, and words CLI11's errors as ours. False if --help was asked for.
bool parse(CLI::App& app, std::vector<std::string> arguments) {
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return false;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string message = error.what();  // starts with the option's name
    fail_usage(message.substr(0, message.find(':')) + ": expected a value, found none");
  } catch (const CLI::ConversionError& error) {  // values have been checked, so it is a flag's
    fail_usage(std::string(error.what()) + "; expected true or false");
  } catch (const CLI::FileError&) {
    fail_usage("--config: expected a readable file, found '" +
               app.get_config_ptr()->as<std::string>() + "'");
  } catch (const CLI::ParseError& error) {
    fail_usage(error.what());
  }
  return true;
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  Parser parser;
  CommandLine& command = parser.command;
  if (!parse(parser.app, backwards(argc, argv))) {
    command.action = CommandLine::Action::kPrint;
    command.text = parser.app.help();
    return command;
  }
  const std::vector<CLI::App*> chosen = parser.app.get_subcommands();
  refuse_leftovers(parser.app, chosen.empty() ? nullptr : chosen.front());
  if (parser.raw.version) command.action = CommandLine::Action::kVersion;
  if (*parser.doctor) command.action = CommandLine::Action::kDoctor;
  command.options = checked_options(command.options, parser.raw);
  if (parser.raw.print_config) {
    command.action = CommandLine::Action::kPrint;
    command.text = to_toml(settings(command.options));
  }
  return command;
}

std::vector<CommandHelp> command_help() { return describe(Parser().app); }

}  // namespace mnist
