#include "mnist_train/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "mnist_train/error.h"
#include "mnist_train/nearest.h"
#include "mnist_train/validators.h"

namespace mnist {
namespace {

constexpr std::int64_t kManyInt = 1000000;
constexpr std::int64_t kMaxImages = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMaxSeed = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t kMaxThreads = 1024;

std::string join(const std::vector<std::int64_t>& widths) {
  if (widths.empty()) return "none";
  std::string text;
  for (const std::int64_t width : widths) text += (text.empty() ? "" : ",") + std::to_string(width);
  return text;
}

const std::map<std::string, EngineKind> kEngines{{"auto", EngineKind::kAuto},
                                                 {"autograd", EngineKind::kAutograd},
                                                 {"sparse", EngineKind::kSparse}};

CLI::Validator engine_name() {
  return expect("auto, autograd or sparse",
                [](const std::string& text) { return kEngines.count(text) != 0; });
}

/// What CLI11 cannot bind to an option's type by itself.
struct RawOptions {
  std::string hidden;
  std::string engine = "auto";
  bool quiet = false;
  bool verbose = false;
  bool version = false;
};

/// Adds an option with one value; a default is shown if there is one.
template <typename Value>
void add_value(CLI::App& app, const std::string& name, Value& value, const std::string& type,
               const std::string& help, const CLI::Validator& check) {
  CLI::Option* const option =
      app.add_option(name, value, help)->check(check)->capture_default_str();
  const std::string initial = option->get_default_str();
  option->option_text(initial.empty() ? type : type + " [" + initial + "]");
}

void add_data_options(CLI::App& app, DataOptions& data) {
  app.option_defaults()->group("Data");
  app.add_option("--data", data.dir,
                 "Folder of the four MNIST files, or a torchvision root above it\n"
                 "[$MNIST_DATA_DIR, ./data, $XDG_DATA_HOME/mnist]")
      ->option_text("DIR");
  add_value(app, "--train-limit", data.train_limit, "N", "Train on the first N images only",
            integer(1, kMaxImages));
  add_value(app, "--test-limit", data.test_limit, "N", "Test on the first N images only",
            integer(1, kMaxImages));
}

void add_training_options(CLI::App& app, TrainingOptions& training, RawOptions& raw) {
  app.option_defaults()->group("Training");
  add_value(app, "--epochs", training.epochs, "N", "Times to go through the training images",
            integer(1, kManyInt));
  add_value(app, "--batch", training.batch, "N", "Images a step", integer(1, kManyInt));
  add_value(app, "--lr", training.lr, "X", "Learning rate", non_negative());
  add_value(app, "--momentum", training.momentum, "X", "Momentum, as in torch.optim.SGD",
            number(0, 1, "from 0 to 1"));
  add_value(app, "--weight-decay", training.weight_decay, "X",
            "Weight decay, as in torch.optim.SGD", non_negative());
  raw.hidden = join(training.hidden);
  add_value(app, "--hidden", raw.hidden, "N,...", "Widths of the hidden layers, or none", widths());
  add_value(app, "--seed", training.seed, "N", "Seed of the first weights and of the shuffling",
            integer(0, kMaxSeed));
  app.add_flag("--shuffle,!--no-shuffle", training.shuffle,
               "Take the images in a new order each epoch [no: in that of the file]");
}

void add_run_options(CLI::App& app, Options& options, RawOptions& raw) {
  app.option_defaults()->group("Run");
  add_value(app, "--engine", raw.engine, "NAME", "What does the training: auto, autograd or sparse",
            engine_name());
  add_value(app, "--threads", options.training.threads, "N", "Threads that train and test",
            integer(1, kMaxThreads));
  add_value(app, "--min-accuracy", options.min_accuracy, "PERCENT",
            "Exit with code 6 if fewer of the test images are right", percentage());
  app.add_flag("--quiet", raw.quiet, "No log and no progress bar");
  app.add_flag("--verbose", raw.verbose, "Log details");
  app.add_flag("--version", raw.version, "Print versions and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
}

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

constexpr const char* kFooter =
    "Results go to standard output, everything else to standard error.\n"
    "Exit codes: 0 done, 1 internal error, 2 usage, 3 data missing or corrupt, 4 training "
    "diverged,\n"
    "6 accuracy below --min-accuracy, 7 output could not be written.";

[[noreturn]] void fail(const std::string& problem) {
  throw Error(ExitCode::kUsage, problem + "; see: mnist-train --help");
}

Options finish(Options options, const RawOptions& raw) {
  options.training.hidden = *parse_widths(raw.hidden);
  options.engine = kEngines.at(raw.engine);
  if (raw.quiet && raw.verbose) fail("expected --quiet or --verbose, found both");
  if (raw.quiet) options.verbosity = Verbosity::kQuiet;
  if (raw.verbose) options.verbosity = Verbosity::kVerbose;
  return options;
}

/// --weight_decay=0.1 -> --weight-decay=0.1: sweep tools write option names as variables.
std::string with_dashes(std::string argument) {
  if (argument.rfind("--", 0) != 0) return argument;
  const std::size_t end = std::min(argument.find('='), argument.size());
  // CLI11 would take the next argument for the value of `--data=`.
  if (end + 1 == argument.size()) fail(argument.substr(0, end) + ": expected a value, found none");
  std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  return argument;
}

/// Refuses an argument that is no option of ours.
[[noreturn]] void refuse(const CLI::App& app, const std::string& argument) {
  if (argument.rfind('-', 0) != 0) fail("unexpected argument '" + argument + "'");
  const std::string name = argument.substr(0, argument.find('='));
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& long_name : option->get_lnames()) known.push_back("--" + long_name);
  }
  const auto meant = nearest(name, known);
  fail("unknown option '" + name + "'" + (meant ? " (did you mean '" + *meant + "'?)" : ""));
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  CommandLine command;
  RawOptions raw;
  CLI::App app("Trains a multilayer perceptron on MNIST and tests it.", "mnist-train");
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.allow_extras();  // they are refused below, with the name that was meant
  app.formatter(std::make_shared<HelpFormatter>());
  app.footer(kFooter);
  add_data_options(app, command.options.data);
  add_training_options(app, command.options.training, raw);
  add_run_options(app, command.options, raw);

  std::vector<std::string> arguments;  // last first, as CLI11 wants them
  for (int i = argc - 1; i > 0; --i) arguments.push_back(with_dashes(argv[i]));
  try {
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    command.action = CommandLine::Action::kHelp;
    command.help = app.help();
    return command;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string message = error.what();  // starts with the option's name
    fail(message.substr(0, message.find(':')) + ": expected a value, found none");
  } catch (const CLI::ConversionError& error) {  // values have been checked, so it is a flag's
    fail(std::string(error.what()) + "; expected true or false");
  } catch (const CLI::ParseError& error) {
    fail(error.what());
  }
  if (const auto extras = app.remaining(); !extras.empty()) refuse(app, extras.front());
  if (raw.version) command.action = CommandLine::Action::kVersion;
  command.options = finish(command.options, raw);
  return command;
}

}  // namespace mnist
