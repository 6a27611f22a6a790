#include <spdlog/spdlog.h>
#include <torch/utils.h>
#include <torch/version.h>

#include <cmath>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/process.h"
#include "base/settings.h"
#include "base/text.h"
#include "cli/cli.h"
#include "commands/commands.h"
#include "commands/train_log.h"
#include "data/data_files.h"
#include "mnist_train/data.h"
#include "mnist_train/engine.h"
#include "mnist_train/error.h"
#include "mnist_train/model.h"
#include "mnist_train/trainer.h"
#include "report/report.h"
#include "run/fingerprint.h"
#include "run/finished_run.h"
#include "run/folder.h"
#include "run/misclassified.h"
#include "run/record.h"
#include "terminal/console.h"
#include "train/runtime.h"

namespace mnist {
namespace {

Console make_console(const Options& options) {
  ConsoleStyle style = console_style();
  if (options.verbosity == Verbosity::kQuiet) style.bar_width = 0;
  style.shows_epochs = !options.output.json;
  return {std::cout, std::cerr, style};
}

/// Prints the result of the test or, where there are no test images, of the validation.
void print_result(const RunRecord& run, const std::string& json, const OutputOptions& output,
                  Console& console) {
  if (output.json) {
    console.print(json);
  } else if (run.test) {
    console.show(*run.test, "test");
  } else if (run.validation) {
    console.show(*run.validation, "validation");
  }
}

/// The directory of the data or, if it is gone, what --data names; empty: not given.
std::string data_dir_of(const DataOptions& data) {
  try {
    return directory_path(find_data_dir(data.dir)).string();
  } catch (const Error&) {
    return data.dir.empty() ? "" : directory_path(data.dir).string();
  }
}

/// Prints the result of a completed run with these options that --out holds already, if --resume or
/// --skip-if-done allow it. Returns whether it did.
bool show_earlier_result(const Options& options, Console& console) {
  const OutputOptions& output = options.output;
  if (!output.skip_if_done && output.existing != Existing::kResume) return false;
  const auto result = completed_result(output.dir, settings(options), data_dir_of(options.data));
  if (!result) return false;
  spdlog::info("already completed: {}", printable(output.dir));
  print_result(parse_result(*result, output.dir), *result, output, console);
  return true;
}

Mlp build_model(const TrainingOptions& options) {
  torch::manual_seed(static_cast<std::uint64_t>(options.seed));
  Mlp model(options.hidden);
  spdlog::info("model    {}", describe(*model));
  return model;
}

/// What is known of a run before it is trained.
RunRecord new_record(const Options& options, const DataSplits& data, const Engine& engine) {
  RunRecord run;
  Options repeatable = options;  // from any folder, and whatever $MNIST_DATA_DIR says then
  repeatable.data.dir = data.dir;
  run.config = settings(repeatable);
  run.data_dir = data.dir;
  run.train_images = data.train.size();
  run.validation_images = data.validation.size();
  run.test_images = data.test.size();
  run.engine = engine.name();
  run.device = engine.device();
  run.threads = engine.threads();
  run.version = MNIST_TRAIN_VERSION;
  run.libtorch = TORCH_VERSION;
  return run;
}

void add_outcome(RunRecord& run, const TrainingOutcome& outcome, const TrainingState& state) {
  run.stopped_by = stop_name(outcome.stop);
  run.seconds = outcome.seconds;
  run.images_per_second = outcome.images_per_second;
  run.epochs = state.epochs;
  if (state.epochs == 0) return;
  run.train_loss = state.loss;
  run.chosen = state.best ? ChosenEpoch{state.best->epoch, "validation"}
                          : ChosenEpoch{state.epochs, "last epoch"};
}

/// Whether there will be a result.json, or the same on standard output.
bool is_kept(const OutputOptions& output) { return !output.dir.empty() || output.json; }

/// Tests the trained model. The test images go through the network once.
void test(RunRecord& run, const OutputOptions& output, Engine& engine, const Dataset& images) {
  const Tested tested = engine.test(images);
  run.test = tested.evaluation;
  if (is_kept(output)) run.test_fingerprint = fingerprint_text(images);
  if (!output.dir.empty()) {
    run.misclassified = most_confident_misclassified(tested.logits, images, kReportMistakes);
    run.predictions = test_predictions(tested.logits, images.labels);
  }
}

const char* status_of(Stop stop, const std::optional<Evaluation>& test,
                      std::optional<double> min_accuracy) {
  if (stop == Stop::kDiverged || (test && !std::isfinite(test->loss))) return kStatusDiverged;
  if (stop == Stop::kAsked) return kStatusInterrupted;
  return test && below_min_accuracy(test->confusion, min_accuracy) ? kStatusBelowMinAccuracy
                                                                   : kStatusCompleted;
}

/// Says on standard error why a run is not completed. Returns, or throws with, the exit code.
ExitCode conclude(const RunRecord& run, const Options& options, bool can_resume) {
  if (run.status == kStatusDiverged) {
    fail(
        ExitCode::kDiverged,
        "training diverged after epoch {} of {}: expected finite losses and weights, found others; "
        "try a smaller --lr, --momentum or --weight-decay",
        run.epochs, options.training.epochs);
  }
  if (run.status == kStatusInterrupted) {
    spdlog::warn("stopped by {} after epoch {} of {}{}", signal_name(noted_signal()), run.epochs,
                 options.training.epochs, can_resume ? "; go on with --resume" : "");
    return exit_code_of(noted_signal());
  }
  if (run.status == kStatusBelowMinAccuracy) {
    throw Error(below_min_accuracy(run.test->confusion, options.min_accuracy).value());
  }
  return ExitCode::kDone;
}

}  // namespace

ExitCode train_command(const Options& options, std::optional<LoadedData> loaded) {
  set_up_log(options.verbosity);
  Console console = make_console(options);
  if (show_earlier_result(options, console)) return ExitCode::kDone;
  watch_signals();
  const torch::Device device = choose_device(options.device, options.engine, options.training);
  TrainingOptions training = options.training;
  training.threads = usable_threads(training.threads);
  // LibTorch's threads are in the way where they have nothing to do.
  const EngineKind kind = preferred_engine(options.engine, training, device);
  set_threads(kind == EngineKind::kAutograd ? training.threads : 1);
  flush_denormals();
  std::optional<RunFolder> folder;
  if (!options.output.dir.empty()) folder.emplace(options.output);

  // 1. The data
  DataSplits data = loaded ? std::move(loaded->data) : load_data(options.data);
  log_versions();
  log_data(data);
  expect_test_images(data, options.min_accuracy);

  // 2. The network
  const Mlp model = build_model(options.training);

  // 3. Loss and optimiser: an engine does stochastic gradient descent on the cross-entropy
  spdlog::info("options  {}", describe_training(options));
  warn_of_schedule(options.training);
  const EngineChoice choice = make_engine(options.engine, model, data, training,
                                          loaded ? loaded->forms : SparseForms{}, device);
  log_engine(choice, options);
  Engine& engine = *choice.engine;
  RunRecord run = new_record(options, data, engine);

  // 4. Training, from where an earlier run in the folder ended
  TrainingState state;
  const bool spares_earlier_run =
      noted_signal() != 0 && options.output.existing == Existing::kOverwrite;
  if (spares_earlier_run) folder.reset();  // it is not overwritten by one that ends before it began
  if (folder) {
    const std::uint64_t images = loaded ? loaded->train_fingerprint : fingerprint(data.train);
    state = folder->begin(model, options.training, run.config,
                          resume_key(decisive_settings(options), engine, data.train.labels, images,
                                     options.training));
    if (!folder->warning().empty()) spdlog::warn(printable(folder->warning()));
  }
  if (state.epochs > 0) spdlog::info("resumed  after epoch {}", state.epochs);
  data.train = {};  // the engine has kept what it needs, which may be a sixth of this
  std::vector<TrainingObserver*> watching{&console};
  if (folder) watching.insert(watching.begin(), &*folder);  // what is shown has been written
  Observers observers(watching);
  const auto stop_asked = [] { return noted_signal() != 0; };
  const TrainingOutcome outcome =
      train({engine, model, run.train_images, stop_asked}, options.training, state, observers);
  add_outcome(run, outcome, state);

  // 5. The test
  if (state.epochs > 0 && outcome.stop != Stop::kDiverged) {
    if (data.test.size() > 0) test(run, options.output, engine, data.test);
    if (is_kept(options.output)) run.model_sha256 = model_sha256(*model);
    run.validation = outcome.validation;
    if (!run.validation) run.validation = engine.validate();
  }
  run.status = status_of(outcome.stop, run.test, options.min_accuracy);

  console.clear_bar();
  if (folder) {
    folder->finish(state, run);
    folder->save_report(report_page({run}));
    spdlog::debug("written  {}", printable(options.output.dir));
  }
  print_result(run, to_json(run), options.output, console);
  return conclude(run, options, folder.has_value());
}

}  // namespace mnist
