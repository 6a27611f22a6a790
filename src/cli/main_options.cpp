#include <regex>
#include <utility>

#include "cli/option_table.h"

namespace mnist {
namespace {

using enum Affects;

constexpr std::int64_t kManyInt = 1000000;

/// See ComputeOptions::device.
OptionValue device_name(std::string& device) {
  return {.kind = ValueKind::kChoice,
          .placeholder = "NAME",
          .expected = "auto, cpu, cuda or cuda:N",
          .choices = {"auto", "cpu", "cuda"},
          .set =
              [&device](const std::string& text) {
                const bool is_one =
                    std::regex_match(text, std::regex("auto|cpu|cuda(:(0|[1-9][0-9]?))?"));
                if (is_one) device = text;
                return is_one;
              },
          .text = [&device] { return device; }};
}

std::vector<OptionRow> training_options(TrainingOptions& training) {
  return {
      {{"--epochs"},
       whole_number(training.epochs, 1, kManyInt),
       "Times to go through the training images",
       kResult},
      {{"--batch"}, whole_number(training.batch, 1, kManyInt), "Images a step", kWeights},
      {{"--lr"}, non_negative(training.lr), "Learning rate, or the highest one", kWeights},
      {{"--lr-schedule"},
       choice<LrSchedule>(training.lr_schedule, {{"constant", LrSchedule::kConstant},
                                                 {"linear", LrSchedule::kLinear},
                                                 {"cosine", LrSchedule::kCosine}}),
       "Whether the learning rate stays constant, or falls to 0\n"
       "at the end of the last epoch: linear or cosine",
       kWeights},
      {{"--warmup"},
       number_between(training.warmup, 0, kManyInt, "EPOCHS"),
       "Epochs in which the learning rate rises from 0",
       kWeights},
      {{"--momentum"}, fraction(training.momentum), "Momentum, as in torch.optim.SGD", kWeights},
      {{"--weight-decay"},
       non_negative(training.weight_decay),
       "Weight decay, as in torch.optim.SGD",
       kWeights},
      {{"--label-smoothing"},
       fraction(training.label_smoothing),
       "Label smoothing, as in torch.nn.CrossEntropyLoss",
       kWeights},
      {{"--hidden"}, widths(training.hidden), "Widths of the hidden layers, or none", kWeights},
      {{"--seed"},
       whole_number(training.seed, 0, kMaxSeed),
       "Seed of the first weights, the shuffling and the distortion",
       kWeights},
      {{"--shuffle", "--no-shuffle"},
       flag(training.shuffle),
       "Take the images in a new order each epoch [no: in that of the file]",
       kWeights},
      {.names = {"--patience"},
       .value = whole_number(training.patience, 1, kManyInt),
       .help = "Stop after N epochs without a lower validation loss,\n"
               "and keep the weights of the best epoch",
       .affects = kWeights,
       .needs = "--validation",
       .written_after = "validation"},
      {{"--max-time"},
       duration(training.max_seconds),
       "Stop after the epoch in which this is over, such as 90, 10m or 1h30m",
       kResult},
  };
}

std::vector<OptionRow> run_options(CommandLine& line) {
  Options& options = line.options;
  return {
      {{"--engine"},
       choice<EngineKind>(options.compute.engine, {{"auto", EngineKind::kAuto},
                                           {"autograd", EngineKind::kAutograd},
                                           {"sparse", EngineKind::kSparse}}),
       "What does the training: auto, autograd or sparse",
       kWeights},
      {{"--device"},
       device_name(options.compute.device),
       "What computes: cpu, or with autograd a GPU, cuda or cuda:N;\n"
       "auto takes a GPU for large batches and layers only",
       kResult},
      {{"--threads"},
       whole_number(options.compute.threads, 1, kMaxThreads),
       "Threads that train and test",
       kResult},
      min_accuracy_option(options.min_accuracy),
      {.names = {"--quiet"},
       .value = flag(options.verbosity, Verbosity::kQuiet),
       .help = "No log and no progress bar",
       .excludes = "--verbose"},
      {{"--verbose"}, flag(options.verbosity, Verbosity::kVerbose), "Log details"},
      {{"--version"}, flag(line.action, CommandLine::Action::kVersion), "Print versions and exit"},
      help_option(),
  };
}

std::vector<OptionRow> output_options(CommandLine& line) {
  OutputOptions& output = line.options.output;
  return {
      {{"--out"},
       folder(output.dir),
       "Folder for config.toml, metrics.jsonl, result.json, report.html,\n"
       "predictions.csv, model.safetensors and checkpoint.safetensors\n"
       "[none: nothing is written]"},
      {{"--save-every"},
       whole_number(output.save_every, 1, kManyInt),
       "Epochs from one checkpoint to the next"},
      {.names = {"--resume"},
       .value = flag(output.existing, Existing::kResume),
       .help = "Go on from the checkpoint in --out; start if there is none yet",
       .needs = "--out",
       .excludes = "--overwrite"},
      {.names = {"--overwrite"},
       .value = flag(output.existing, Existing::kOverwrite),
       .help = "Remove the run that is in --out",
       .needs = "--out"},
      {.names = {"--skip-if-done"},
       .value = flag(output.skip_if_done),
       .help = "If --out has the result of the same options, show that",
       .needs = "--out"},
      json_option(output.json),
      {.names = {"--recipe"},
       .value = recipe_name(),
       .help = "Take options from a recipe: best, quick or plain; those given here win.\n"
               "Alone, list the recipes"},
      {.names = {"--config"},
       .value = {.kind = ValueKind::kFile, .placeholder = "FILE"},  // CLI11 reads it
       .help = "Take options from this TOML file; those given here win"},
      {{"--print-config"},
       flag(line.action, CommandLine::Action::kPrintConfig),
       "Print the options as TOML and exit"},
  };
}

void append(std::vector<OptionRow>& table, std::vector<OptionRow> rows, const std::string& group) {
  for (OptionRow& row : rows) {
    row.group = group;
    table.push_back(std::move(row));
  }
}

}  // namespace

OptionRow help_option() { return {{"-h", "--help"}, {}, "Print this help and exit"}; }

OptionRow data_option(std::string& dir) {
  return {{"--data"},
          folder(dir),
          "Folder of the four MNIST files, or a torchvision root above it\n"
          "[$MNIST_DATA_DIR, ./data, $XDG_DATA_HOME/mnist]",
          kResult};
}

OptionRow test_limit_option(std::optional<std::int64_t>& limit) {
  return {{"--test-limit"},
          whole_number(limit, 1, kMaxImages),
          "Test on the first N images only",
          kResult};
}

OptionRow min_accuracy_option(std::optional<double>& percent) {
  return {{"--min-accuracy"},
          percentage(percent),
          "Exit with code 6 if fewer of the test images are right",
          kResult};
}

OptionRow json_option(bool& json) {
  return {{"--json"}, flag(json), "Print the result as one line of JSON, and nothing else"};
}

// Which folder it is does not decide whether a run may be resumed: the labels in it do.
std::vector<OptionRow> data_options(DataOptions& data) {
  return {
      data_option(data.dir),
      {{"--train-limit"},
       whole_number(data.train_limit, 1, kMaxImages),
       "Train on the first N images only",
       kWeights},
      test_limit_option(data.test_limit),
      {{"--validation"},
       whole_number(data.validation, 0, kMaxImages),
       "Hold out the last N training images and measure the loss on them",
       kWeights},
  };
}

std::vector<OptionRow> main_options(CommandLine& line) {
  std::vector<OptionRow> table;
  append(table, data_options(line.options.data), "Data");
  append(table, training_options(line.options.training), "Training");
  append(table, augment_options(line.options.training.augment), "Training");
  append(table, run_options(line), "Run");
  append(table, output_options(line), "Output");
  return table;
}

}  // namespace mnist
