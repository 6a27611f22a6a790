#include <limits>
#include <utility>

#include "cli/config_file.h"
#include "cli/option_table.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

using enum Affects;

constexpr std::int64_t kMany = 1000000;
constexpr std::int64_t kMaxSeed = std::numeric_limits<std::uint32_t>::max();

/// A parameter of an augmentation, written only where that applies.
OptionRow strength(const AugmentOptions& augment, Augment least, const char* name,
                   OptionValue value, std::string help) {
  if (const std::string initial = value.written(); !initial.empty()) {
    value.placeholder += " [" + initial + "]";
  }
  value.written = [&augment, least, written = std::move(value.written)] {
    return augment.kind < least ? std::string() : written();
  };
  return {name, std::move(value), std::move(help), kWeights};
}

std::vector<OptionRow> run_options(CommandLine& line) {
  Options& options = line.options;
  return {
      {"--engine",
       choice<EngineKind>(options.compute.engine, {{"auto", EngineKind::kAuto},
                                                   {"autograd", EngineKind::kAutograd},
                                                   {"sparse", EngineKind::kSparse}}),
       "Training engine: auto, autograd or sparse", kWeights},
      {"--device", device_name(options.compute.device),
       "Device: auto, cpu, cuda or cuda:N (GPUs need\n--engine autograd)", kResult},
      threads_option(options.compute.threads),
      min_accuracy_option(options.min_accuracy),
      {"--quiet", flag(options.verbosity, Verbosity::kQuiet), "No log and no progress bar"},
      {"--verbose", flag(options.verbosity, Verbosity::kVerbose), "Log details"},
      {"--version", flag(line.action, CommandLine::Action::kVersion), "Print versions and exit"},
  };
}

std::vector<OptionRow> output_options(CommandLine& line) {
  OutputOptions& output = line.options.output;
  return {
      {"--out,--output,--output-dir,--out-dir,--outdir", directory(output.dir),
       "Directory for config.toml, metrics.jsonl,\nresult.json, report.html, predictions.csv,\n"
       "model.safetensors and checkpoint.safetensors"},
      {"--save-every", whole_number(output.save_every, 1, kMany), "Epochs between checkpoints"},
      {"--resume", flag(output.existing, Existing::kResume),
       "Resume from the checkpoint in --out, if any"},
      {"--overwrite,--overwrite-output-dir", flag(output.existing, Existing::kOverwrite),
       "Overwrite the run in --out"},
      {"--skip-if-done", flag(output.skip_if_done),
       "If --out has the result of the same options,\nonly print it"},
      json_option(output.json),
      {"--recipe", recipe_name(line.recipe),
       "Use a recipe: best, quick or plain. Command-line\noptions override it. Alone, list the "
       "recipes"},
      {"--config,--config-file", file(line.config),
       "Read options from a TOML file. Command-line\noptions override it"},
      {"--print-config", flag(line.action, CommandLine::Action::kPrintConfig),
       "Print the options as TOML and exit"},
  };
}

}  // namespace

OptionRow data_option(std::string& dir) {
  return {"--data,--data-dir,--data-path,--data-root", directory(dir),
          "Directory of the four MNIST files, or a\ntorchvision root above it [$MNIST_DATA_DIR,\n"
          "./data, $XDG_DATA_HOME/mnist]",
          kResult};
}

OptionRow test_limit_option(std::optional<std::int64_t>& limit) {
  return {"--test-limit", whole_number(limit, 1, kMaxImages), "Test on the first N images only",
          kResult};
}

OptionRow seed_option(std::int64_t& seed) {
  return {"--seed,--random-seed,--random-state,--manual-seed", whole_number(seed, 0, kMaxSeed),
          "Random seed", kWeights};
}

OptionRow threads_option(int& threads) {
  constexpr std::int64_t kMaxThreads = 1024;
  return {"--threads,--num-threads,--n-threads,--nthreads", whole_number(threads, 1, kMaxThreads),
          "Number of threads", kResult};
}

OptionRow min_accuracy_option(std::optional<double>& percent) {
  return {"--min-accuracy", percentage(percent), "Exit with code 6 if the test accuracy is lower",
          kResult};
}

OptionRow json_option(bool& json) {
  return {"--json", flag(json), "Print the result as one line of JSON"};
}

// Which directory it is does not decide whether a run may be resumed: the labels in it do.
std::vector<OptionRow> data_options(DataOptions& data) {
  return {
      data_option(data.dir),
      {"--train-limit,--max-train-samples", whole_number(data.train_limit, 1, kMaxImages),
       "Train on the first N images only", kWeights},
      test_limit_option(data.test_limit),
      {"--validation", whole_number(data.validation, 0, kMaxImages),
       "Hold out the last N training images for validation", kWeights},
  };
}

std::vector<OptionRow> augment_options(AugmentOptions& augment) {
  OptionRow translate = strength(augment, Augment::kShift, "--translate",
                                 number(augment.translate, 0, kImageSide, "PIXELS"),
                                 "Maximum shift, whole pixels with --augment shift\n"
                                 "[2; 1 with elastic]");
  translate.value.written = [&augment] {
    return augment.kind < Augment::kShift ? "" : to_setting(augment.largest_translation());
  };
  return {
      {"--augment",
       choice<Augment>(augment.kind, {{"none", Augment::kNone},
                                      {"shift", Augment::kShift},
                                      {"affine", Augment::kAffine},
                                      {"elastic", Augment::kElastic}}),
       "Data augmentation: none, shift, affine (includes\nshift) or elastic (includes affine)",
       kWeights},
      std::move(translate),
      strength(augment, Augment::kAffine, "--degrees", number(augment.degrees, 0, 180, "DEGREES"),
               "Affine: maximum rotation either way"),
      strength(augment, Augment::kAffine, "--scale", number(augment.scale, 0, 0.9),
               "Affine: scale by a factor from 1 - X to 1 + X"),
      strength(augment, Augment::kAffine, "--shear", number(augment.shear, 0, 60, "DEGREES"),
               "Affine: maximum shear either way"),
      strength(augment, Augment::kElastic, "--alpha", number(augment.alpha, 0, 1000, "PIXELS"),
               "Elastic: displacement strength\n(half of torchvision's alpha)"),
      strength(augment, Augment::kElastic, "--sigma",
               number(augment.sigma, 0, kImageSide, "PIXELS"),
               "Elastic: smoothness of the displacement"),
  };
}

std::vector<OptionRow> training_options(TrainingOptions& training) {
  std::vector<OptionRow> rows{
      {"--epochs,--num-epochs,--n-epochs,--max-epochs,--num-train-epochs",
       whole_number(training.epochs, 1, kMany), "Number of epochs", kResult},
      {"--batch,--batch-size,--train-batch-size", whole_number(training.batch, 1, kMany),
       "Batch size", kWeights},
      {"--lr,--learning-rate,--learning-rate-init", number(training.lr, 0), "Peak learning rate",
       kWeights},
      {"--lr-schedule,--lr-scheduler,--lr-scheduler-type,--scheduler",
       choice<LrSchedule>(training.lr_schedule, {{"constant", LrSchedule::kConstant},
                                                 {"linear", LrSchedule::kLinear},
                                                 {"cosine", LrSchedule::kCosine}}),
       "Learning rate schedule: constant, or linear or\ncosine decay to 0", kWeights},
      {"--warmup,--warmup-epochs", number(training.warmup, 0, kMany, "EPOCHS"),
       "Linear warm-up of the learning rate", kWeights},
      {"--momentum", number(training.momentum, 0, 1), "Momentum, as in torch.optim.SGD", kWeights},
      {"--weight-decay,--wd", number(training.weight_decay, 0),
       "Weight decay, as in torch.optim.SGD", kWeights},
      {"--label-smoothing,--label-smoothing-factor,--smoothing",
       number(training.label_smoothing, 0, 1), "Label smoothing, as in torch.nn.CrossEntropyLoss",
       kWeights},
      {"--hidden,--hidden-sizes,--hidden-layer-sizes", layer_sizes(training.hidden),
       "Hidden layer sizes, or none", kWeights},
      seed_option(training.seed),
      {"--shuffle,!--no-shuffle", flag(training.shuffle),
       "Reshuffle the training set every epoch [no]", kWeights},
      {"--patience,--early-stopping-patience", whole_number(training.patience, 1, kMany),
       "Stop after N epochs without a lower validation\nloss, and keep the best epoch's weights",
       kWeights},
      {"--max-time", duration(training.max_seconds),
       "Stop after the epoch in which this time is up,\nsuch as 90, 10m or 1h30m; --resume counts "
       "anew",
       kResult},
  };
  for (OptionRow& row : augment_options(training.augment)) rows.push_back(std::move(row));
  return rows;
}

std::vector<OptionGroup> main_options(CommandLine& line) {
  return {{"Data", data_options(line.options.data)},
          {"Training", training_options(line.options.training)},
          {"Run", run_options(line)},
          {"Output", output_options(line)}};
}

}  // namespace mnist
