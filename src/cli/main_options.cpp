#include "cli/main_options.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/settings.h"
#include "cli/option_binding.h"
#include "cli/usage.h"
#include "cli/validators.h"

namespace mnist {
namespace {

constexpr std::int64_t kManyInt = 1000000;

const auto* find_engine(const std::string& name) {
  return std::find_if(kEngines.begin(), kEngines.end(),
                      [&name](const auto& engine) { return engine.first == name; });
}

/// "auto, autograd or sparse"
std::string engine_list() {
  std::string list;
  for (const auto& [name, kind] : kEngines) {
    const char* const separator = kind == kEngines.back().second ? " or " : ", ";
    list += (list.empty() ? "" : separator) + std::string(name);
  }
  return list;
}

CLI::Validator known_engine() {
  return expect(engine_list(),
                [](const std::string& name) { return find_engine(name) != kEngines.end(); });
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
  add_value(app, "--engine", raw.engine, "NAME", "What does the training: " + engine_list(),
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

}  // namespace

void add_main_options(CLI::App& app, Options& options, RawOptions& raw) {
  app.option_defaults()->group("Data");
  add_data_options(app, options.data);
  add_training_options(app, options.training, raw);
  add_run_options(app, options, raw);
  add_output_options(app, options.output, raw);
}

Options checked_options(Options options, const RawOptions& raw) {
  options.training.hidden = *parse_widths(raw.hidden);
  options.engine = find_engine(raw.engine)->second;
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

}  // namespace mnist
