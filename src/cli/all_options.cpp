#include <limits>

#include "cli/cli.h"
#include "cli/option.h"
#include "cli/sources.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

constexpr std::int64_t kMany = 1000000;
constexpr std::int64_t kMaxImages = std::numeric_limits<std::int32_t>::max();

// What several commands have in common.

void add_data(CLI::App& app, std::string& dir) {
  add(app, "--data,--data-dir,--data-path,--data-root", dir, path("DIR"),
      "Directory of the four MNIST files, or a\ntorchvision root above it [$MNIST_DATA_DIR,\n"
      "./data, $XDG_DATA_HOME/mnist]");
}

void add_test_limit(CLI::App& app, std::optional<std::int64_t>& limit) {
  add(app, "--test-limit", limit, whole_number(1, kMaxImages), "Test on the first N images only");
}

void add_seed(CLI::App& app, std::int64_t& seed) {
  add(app, "--seed,--random-seed,--random-state,--manual-seed", seed,
      whole_number(0, std::numeric_limits<std::uint32_t>::max()), "Random seed");
}

void add_threads(CLI::App& app, int& threads) {
  add(app, "--threads,--num-threads,--n-threads,--nthreads", threads, whole_number(1, 1024),
      "Number of threads");
}

void add_min_accuracy(CLI::App& app, std::optional<double>& percent) {
  add(app, "--min-accuracy", percent, percentage(),
      "Exit with code 6 if the test accuracy is lower");
}

CLI::Option* add_model(CLI::App& app, std::string& model) {
  return add(app, "--model,--weights", model, path(),
             "Weights: a .safetensors file, or the --out\ndirectory of a run");
}

CLI::Option* add_json(CLI::App& app, bool& json) {
  return add_flag(app, "--json", json, true, "Print the result as one line of JSON");
}

void add_augment(CLI::App& app, AugmentOptions& augment) {
  add(app, "--augment", augment.kind, choice<Augment>({"none", "shift", "affine", "elastic"}),
      "Data augmentation: none, shift, affine (includes\nshift) or elastic (includes affine)");
  add(app, "--translate", augment.translate, number(0, kImageSide, "PIXELS"),
      "Maximum shift, whole pixels with --augment shift\n[2; 1 with elastic]");
  add(app, "--degrees", augment.degrees, number(0, 180, "DEGREES"),
      "Affine: maximum rotation either way");
  add(app, "--scale", augment.scale, number(0, 0.9),
      "Affine: scale by a factor from 1 - X to 1 + X");
  add(app, "--shear", augment.shear, number(0, 60, "DEGREES"), "Affine: maximum shear either way");
  add(app, "--stroke", augment.stroke, number(0, 2, "PIXELS"),
      "Affine: maximum change of the stroke width");
  add(app, "--alpha", augment.alpha, number(0, 1000, "PIXELS"),
      "Elastic: displacement strength\n(half of torchvision's alpha)");
  add(app, "--sigma", augment.sigma, number(0, kImageSide, "PIXELS"),
      "Elastic: smoothness of the displacement");
}

// The groups of a training run's options.

void add_data_options(CLI::App& app, DataOptions& data) {
  app.option_defaults()->group("Data");
  add_data(app, data.dir);
  add(app, "--train-limit,--max-train-samples", data.train_limit, whole_number(1, kMaxImages),
      "Train on the first N images only");
  add_test_limit(app, data.test_limit);
  add(app, "--validation", data.validation, whole_number(0, kMaxImages),
      "Hold out the last N training images for validation");
}

void add_training_options(CLI::App& app, TrainingOptions& training) {
  app.option_defaults()->group("Training");
  add(app, "--epochs,--num-epochs,--n-epochs,--max-epochs,--num-train-epochs", training.epochs,
      whole_number(1, kMany), "Number of epochs");
  add(app, "--batch,--batch-size,--train-batch-size", training.batch, whole_number(1, kMany),
      "Batch size");
  add(app, "--lr,--learning-rate,--learning-rate-init", training.lr, number(0),
      "Peak learning rate");
  add(app, "--lr-schedule,--lr-scheduler,--lr-scheduler-type,--scheduler", training.lr_schedule,
      choice<LrSchedule>({"constant", "linear", "cosine"}),
      "Learning rate schedule: constant, or linear or\ncosine decay to 0");
  add(app, "--warmup,--warmup-epochs", training.warmup, number(0, kMany, "EPOCHS"),
      "Linear warm-up of the learning rate");
  add(app, "--momentum", training.momentum, number(0, 1), "Momentum, as in torch.optim.SGD");
  add(app, "--weight-decay,--wd", training.weight_decay, number(0),
      "Weight decay, as in torch.optim.SGD");
  add(app, "--label-smoothing,--label-smoothing-factor,--smoothing", training.label_smoothing,
      number(0, 1), "Label smoothing, as in torch.nn.CrossEntropyLoss");
  add(app, "--hidden,--hidden-sizes,--hidden-layer-sizes", training.hidden, layer_sizes(),
      "Hidden layer sizes, or none");
  add_seed(app, training.seed);
  add_flag(app, "--shuffle,!--no-shuffle", training.shuffle, true,
           "Reshuffle the training set every epoch [no]")
      ->default_function([&] { return training.shuffle ? "true" : "false"; });
  add(app, "--patience,--early-stopping-patience", training.patience, whole_number(1, kMany),
      "Stop after N epochs without a lower validation\nloss, and keep the best epoch's weights");
  add(app, "--max-time", training.max_seconds, duration(),
      "Time limit, such as 90, 10m or 1h30m, checked\nafter each epoch; --resume resets it");
  add_augment(app, training.augment);
}

void add_run_options(CLI::App& app, CommandLine& line) {
  Options& options = line.options;
  app.option_defaults()->group("Run");
  add(app, "--engine", options.compute.engine, choice<EngineKind>({"auto", "autograd", "sparse"}),
      "Training engine: auto, autograd or sparse");
  add(app, "--device", options.compute.device, device_name(),
      "Device: auto, cpu, cuda or cuda:N (GPUs use\n--engine autograd)");
  add_threads(app, options.compute.threads);
  add_min_accuracy(app, options.min_accuracy);
  app.option_defaults()->configurable(false);  // and the output options
  add_flag(app, "--quiet", options.verbosity, Verbosity::kQuiet, "No log and no progress bar");
  add_flag(app, "--verbose", options.verbosity, Verbosity::kVerbose, "Log details")
      ->excludes("--quiet");
  add_flag(app, "--version", line.prints_version, true, "Print versions and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
}

void add_output_options(CLI::App& app, CommandLine& line) {
  OutputOptions& output = line.options.output;
  app.option_defaults()->group("Output");
  add(app, "--out,--output,--output-dir,--out-dir,--outdir", output.dir, path("DIR"),
      "Directory for config.toml, metrics.jsonl,\nresult.json, report.html, predictions.csv,\n"
      "model.safetensors and checkpoint.safetensors");
  add(app, "--save-every", output.save_every, whole_number(1, kMany), "Epochs between checkpoints");
  add_flag(app, "--resume", output.existing, Existing::kResume,
           "Resume from the checkpoint in --out, if any");
  add_flag(app, "--overwrite,--overwrite-output-dir", output.existing, Existing::kOverwrite,
           "Overwrite the run in --out")
      ->excludes("--resume");
  add_flag(app, "--skip-if-done", output.skip_if_done, true,
           "If --out has the result of the same options,\nonly print it");
  add_json(app, output.json);
  add(app, "--recipe", line.recipe, choice<std::size_t>({kRecipes.begin(), kRecipes.end()}),
      "Use a recipe: best, quick or plain. Command-line\noptions override it. Alone, list the "
      "recipes");
  add(app, "--config,--config-file", line.config, path(),
      "Read options from a TOML file. Command-line\noptions override it");
  add_flag(app, "--print-config", line.prints_config, true, "Print the options as TOML and exit")
      ->excludes("--version");
}

// The commands.

void add_show_options(CLI::App& app, ShowOptions& show) {
  add_data(app, show.data_dir);
  add(app, "--split", show.split, choice<Split>({"train", "test"}),
      "Data set: train or test [train; test with --wrong]");
  add(app, "--count", show.count, whole_number(1, kMaxImages), "Maximum number of images");
  add(app, "--index", show.first, whole_number(0, kMaxImages),
      "Position of the first image, from 0; without\n--count, show only one");
  add(app, "--digit", show.digit, whole_number(0, kDigits - 1, "D"), "Only images of this digit");
  add_flag(app, "--random", show.random, true, "Pick images at random")->excludes("--index");
  add_seed(app, show.seed);
  add_flag(app, "--wrong", show.wrong, true, "Only images that --model misclassifies");
  add_model(app, show.model);
  add(app, "--png", show.png, path(),
      "Write a labeled grid, ten across, to this PNG file\ninstead of drawing in the terminal");
  add_augment(app, show.augment);
  add(app, "--epoch", show.epoch, whole_number(1, kMaxImages),
      "Augment as in this epoch of training");
}

void add_eval_options(CLI::App& app, EvalOptions& eval) {
  add_model(app, eval.model)->required();
  add_data(app, eval.data_dir);
  add_test_limit(app, eval.test_limit);
  add_flag(app, "--confusion", eval.confusion, true, "Print the confusion matrix");
  add_threads(app, eval.threads);
  add_min_accuracy(app, eval.min_accuracy);
  add_json(app, eval.json)->excludes("--confusion");
  add_flag(app, "--quiet", eval.verbosity, Verbosity::kQuiet, "No log");
}

}  // namespace

void add_main_options(CLI::App& app, CommandLine& line) {
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  add_data_options(app, line.options.data);
  add_training_options(app, line.options.training);
  add_run_options(app, line);
  add_output_options(app, line);
}

void add_commands(CLI::App& app, CommandLine& line) {
  app.option_defaults()->group("Options");
  app.require_subcommand(0, 1);
  const auto add_command = [&app](const std::string& name, const std::string& help) -> CLI::App& {
    CLI::App& command = *app.add_subcommand(name, help);
    command.excludes(app.get_option("--version"));
    command.excludes(app.get_option("--print-config"));
    return command;
  };
  add_command("doctor", "Check the setup for a run with the same options")
      .fallthrough()
      ->footer(
          "Takes the options of a training run, and changes nothing. Exits with the code\n"
          "of the first problem, or 0.");
  add_command("jobs", "Train one run per line of standard input")
      .fallthrough()
      ->footer(
          "Each line has the options of a run, quoted as in a shell or as a JSON array of\n"
          "strings; options given to jobs are defaults for all lines. Prints JSON lines,\n"
          "one for each epoch and one for each result. SIGUSR1 ends the current run.");
  add_show_options(add_command("show", "Show images of a data set"), line.show);
  add_eval_options(add_command("eval", "Evaluate a saved model"), line.eval);

  CLI::App& predict = add_command("predict", "Classify image files");
  add_model(predict, line.predict.model)->required();
  predict
      .add_option("IMAGE", line.predict.images,
                  "PNG, JPEG or BMP files of one digit each, of any\nsize, dark on light or light "
                  "on dark; - reads file\nnames from standard input, one per line")
      ->required();
  add_flag(predict, "--show", line.predict.show, true, "Draw the network's input");
  add_json(predict, line.predict.json)->excludes("--show");
  predict.footer("Exits with code 3 if an image could not be read.");

  CLI::App& report = add_command("report", "Write an HTML report on one or more runs");
  report.add_option("DIR", line.report.runs, "Directories of runs (--out)")->required();
  add(report, "--html", line.report.html, path(),
      "The page to write [report.html: in DIR, or in the\ncurrent directory for several runs]");

  CLI::App& draw = add_command("draw", "Write an interactive page that classifies drawings");
  add_model(draw, line.draw.model)->required();
  add(draw, "--html", line.draw.html, path(), "The page to write");

  CLI::App& to_export = add_command("export", "Export a saved model to ONNX");
  add_model(to_export, line.to_export.model)->required();
  add(to_export, "--onnx", line.to_export.onnx, path(), "The file to write");
}

}  // namespace mnist
