#include "mnist_train/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "mnist_train/config_file.h"
#include "mnist_train/option_binding.h"
#include "mnist_train/settings.h"
#include "mnist_train/subcommands.h"
#include "mnist_train/usage.h"
#include "mnist_train/validators.h"

namespace mnist {
namespace {

constexpr std::int64_t kManyInt = 1000000;

const std::map<std::string, EngineKind> kEngines{{"auto", EngineKind::kAuto},
                                                 {"autograd", EngineKind::kAutograd},
                                                 {"sparse", EngineKind::kSparse}};

CLI::Validator known_engine() {
  return expect("auto, autograd or sparse",
                [](const std::string& text) { return kEngines.count(text) != 0; });
}

/// What CLI11 cannot bind to an option's type by itself.
struct RawOptions {
  std::string hidden;
  std::string engine = "auto";
  std::string max_time;
  bool resume = false;
  bool overwrite = false;
  bool print_config = false;
  bool quiet = false;
  bool verbose = false;
  bool version = false;
};

void add_data_options(CLI::App& app, DataOptions& data) {
  app.option_defaults()->group("Data");
  add_data_dir(app, data.dir);
  add_value(app, "--train-limit", data.train_limit, "N", "Train on the first N images only",
            integer(1, kMaxImages));
  add_test_limit(app, data.test_limit);
  add_value(app, "--validation", data.validation, "N",
            "Hold out the last N training images and measure the loss on them",
            integer(0, kMaxImages));
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
  raw.hidden = join_widths(training.hidden);
  add_value(app, "--hidden", raw.hidden, "N,...", "Widths of the hidden layers, or none", widths());
  add_value(app, "--seed", training.seed, "N", "Seed of the first weights and of the shuffling",
            integer(0, kMaxSeed));
  app.add_flag("--shuffle,!--no-shuffle", training.shuffle,
               "Take the images in a new order each epoch [no: in that of the file]");
  add_value(app, "--patience", training.patience, "N",
            "Stop after N epochs without a lower validation loss,\n"
            "and keep the weights of the best epoch",
            integer(1, kManyInt));
  add_value(app, "--max-time", raw.max_time, "TIME",
            "Stop after the epoch in which this is over, such as 90, 10m or 1h30m", duration());
}

void add_run_options(CLI::App& app, Options& options, RawOptions& raw) {
  app.option_defaults()->group("Run");
  add_value(app, "--engine", raw.engine, "NAME", "What does the training: auto, autograd or sparse",
            known_engine());
  add_threads(app, options.training.threads, "Threads that train and test");
  add_min_accuracy(app, options.min_accuracy);
  app.add_flag("--quiet", raw.quiet, "No log and no progress bar")->configurable(false);
  app.add_flag("--verbose", raw.verbose, "Log details")->configurable(false);
  app.add_flag("--version", raw.version, "Print versions and exit")->configurable(false);
  app.set_help_flag("-h,--help", "Print this help and exit");
}

void add_output_options(CLI::App& app, OutputOptions& output, RawOptions& raw) {
  app.option_defaults()->group("Output")->configurable(false);
  app.add_option("--out", output.dir,
                 "Folder for config.toml, metrics.jsonl, result.json, report.html,\n"
                 "model.safetensors and checkpoint.safetensors [none: nothing is written]")
      ->check(some_path("a folder"))
      ->option_text("DIR");
  add_value(app, "--save-every", output.save_every, "N", "Epochs from one checkpoint to the next",
            integer(1, kManyInt));
  app.add_flag("--resume", raw.resume,
               "Go on from the checkpoint in --out; start if there is none yet");
  app.add_flag("--overwrite", raw.overwrite, "Remove the run that is in --out");
  app.add_flag("--skip-if-done", output.skip_if_done,
               "If --out has the result of the same options, show that");
  app.add_flag("--json", output.json, "Print the result as one line of JSON, and nothing else");
  app.set_config("--config", "", "Take options from this TOML file; those given here win")
      ->option_text("FILE");
  app.add_flag("--print-config", raw.print_config, "Print the options as TOML and exit");
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
    "5 model or checkpoint unusable, 6 accuracy below --min-accuracy, 7 output could not be "
    "written,\n"
    "130 stopped by SIGINT, 143 by SIGTERM or SIGUSR1.";

Options finish(Options options, const RawOptions& raw) {
  options.training.hidden = *parse_widths(raw.hidden);
  options.engine = kEngines.at(raw.engine);
  if (!raw.max_time.empty()) options.training.max_seconds = parse_duration(raw.max_time);
  if (raw.resume && raw.overwrite) fail_usage("expected --resume or --overwrite, found both");
  if (raw.resume) options.output.existing = Existing::kResume;
  if (raw.overwrite) options.output.existing = Existing::kOverwrite;
  if (options.output.dir.empty() && (raw.resume || raw.overwrite || options.output.skip_if_done)) {
    fail_usage(
        "--resume, --overwrite and --skip-if-done: expected --out DIR with them, found none");
  }
  if (options.training.patience && options.data.validation == 0) {
    fail_usage("--patience: expected --validation N with it, found none");
  }
  if (raw.quiet && raw.verbose) fail_usage("expected --quiet or --verbose, found both");
  if (raw.quiet) options.verbosity = Verbosity::kQuiet;
  if (raw.verbose) options.verbosity = Verbosity::kVerbose;
  return options;
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

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  CommandLine command;
  RawOptions raw;
  CLI::App app("Trains a multilayer perceptron on MNIST and tests it.", "mnist-train");
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.allow_extras();  // they are refused below, with the name that was meant
  app.formatter(std::make_shared<HelpFormatter>());
  app.footer(kFooter);
  app.config_formatter(config_reader(app));
  add_data_options(app, command.options.data);
  add_training_options(app, command.options.training, raw);
  add_run_options(app, command.options, raw);
  add_output_options(app, command.options.output, raw);

  CLI::App* const doctor =
      app.add_subcommand("doctor", "Check what a run with these options would find");
  CLI::App* const spawn = app.add_subcommand("spawn", "Start runs that programs ask for");
  for (CLI::App* const subcommand : {doctor, spawn}) subcommand->fallthrough();
  add_subcommands(app, command);

  std::vector<std::string> arguments;  // last first, as CLI11 wants them
  const char* const* const end_of_options =
      std::find(argv + 1, argv + argc, std::string_view("--"));
  for (const char* const* argument = argv + argc; --argument > argv;) {
    arguments.push_back(argument < end_of_options ? with_dashes(*argument) : *argument);
  }
  try {
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    command.action = CommandLine::Action::kPrint;
    command.text = app.help();
    return command;
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
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  refuse_leftovers(app, chosen.empty() ? nullptr : chosen.front());
  if (raw.version) command.action = CommandLine::Action::kVersion;
  if (*doctor) command.action = CommandLine::Action::kDoctor;
  if (*spawn) command.action = CommandLine::Action::kSpawn;
  command.options = finish(command.options, raw);
  if (raw.print_config) {
    command.action = CommandLine::Action::kPrint;
    command.text = to_toml(settings(command.options));
  }
  return command;
}

}  // namespace mnist
