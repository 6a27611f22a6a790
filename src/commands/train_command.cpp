#include <spdlog/spdlog.h>
#include <torch/utils.h>

#include <cmath>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "base/signals.h"
#include "commands/commands.h"
#include "data/data_files.h"
#include "mnist_train/data.h"
#include "mnist_train/engine.h"
#include "mnist_train/error.h"
#include "mnist_train/evaluation.h"
#include "mnist_train/model.h"
#include "mnist_train/trainer.h"
#include "report/report.h"
#include "run/result.h"
#include "run/run_directory.h"
#include "run/run_recorder.h"
#include "terminal/console.h"
#include "train/classifier.h"
#include "train/runtime.h"

namespace mnist {
namespace {

void log_data(const DataSplits& data) {
  const std::string validation =
      data.validation.size() == 0 ? "" : fmt::format(", {} validation", data.validation.size());
  spdlog::info("data     {}: {} training{} and {} test images", data.dir, data.train.size(),
               validation, data.test.size());
}

void log_versions() {
  if (!spdlog::should_log(spdlog::level::debug)) return;
  std::istringstream lines(version_text());
  for (std::string line; std::getline(lines, line);) spdlog::debug("with     {}", line);
}

Mlp build_model(const TrainingOptions& options) {
  torch::manual_seed(static_cast<std::uint64_t>(options.seed));
  Mlp model(options.hidden);
  spdlog::info("model    {}", describe(*model));
  return model;
}

void log_options(const TrainingOptions& options) {
  spdlog::info("options  epochs {}, batch {}, lr {}, momentum {}, weight decay {}, seed {}, {}",
               options.epochs, options.batch, options.lr, options.momentum, options.weight_decay,
               options.seed, options.shuffle ? "shuffled" : "in the order of the file");
}

std::unique_ptr<Engine> choose_engine(const Options& options, const Mlp& model,
                                      const DataSplits& data, SparseForms forms) {
  EngineChoice choice =
      make_engine(options.engine, model, data, options.training, std::move(forms));
  const int threads = options.training.threads;
  spdlog::info("engine   {}, {}; {} thread{}", choice.engine->name(), choice.reason, threads,
               threads == 1 ? "" : "s");
  return std::move(choice.engine);
}

Status status_of(const TrainingOutcome& outcome, const std::optional<Evaluation>& test,
                 std::optional<double> min_accuracy) {
  if (outcome.stop == Stop::kDiverged || (test && !std::isfinite(test->loss))) {
    return Status::kDiverged;
  }
  if (outcome.stop == Stop::kAsked) return Status::kInterrupted;
  const bool reached = !min_accuracy || percent_correct(test->confusion) >= *min_accuracy;
  return reached ? Status::kCompleted : Status::kBelowMinAccuracy;
}

/// Says on standard error why a run is not completed, and with which code to exit.
ExitCode conclude(const RunResult& result) {
  const Options& options = result.options;
  switch (result.status) {
    case Status::kCompleted:
      return ExitCode::kDone;
    case Status::kInterrupted:
      spdlog::warn("stopped by {} after epoch {} of {}{}", signal_name(noted_signal()),
                   result.epochs, options.training.epochs,
                   options.output.dir.empty() ? "" : "; go on with --resume");
      return exit_code_of(noted_signal());
    case Status::kDiverged:
      throw Error(ExitCode::kDiverged,
                  fmt::format("training diverged after epoch {} of {}: expected finite losses and "
                              "weights, found others; try a smaller --lr or --momentum",
                              result.epochs, options.training.epochs));
    case Status::kBelowMinAccuracy:
      require_accuracy(result.test->confusion, *options.min_accuracy);
  }
  return ExitCode::kInternal;
}

/// Shows the result of a run with these options that --out has already, if that will do. Whether
/// it has.
bool show_earlier_result(const Options& options, Console& console) {
  if (!options.output.skip_if_done && options.output.existing != Existing::kResume) return false;
  const auto stored = stored_result(options.output.dir);
  if (!stored) return false;
  const std::string data_dir = find_data_dir(options.data.dir).string();
  const auto test = test_of_completed_run(*stored, options, data_dir);
  if (!test) return false;
  spdlog::info("done before: {}", options.output.dir);
  if (options.output.json) {
    console.print(*stored);
  } else {
    console.show(*test);
  }
  return true;
}

/// Trains from `state` on, and tests what comes out of it.
RunResult train_and_test(const Options& options, Engine& engine, const Mlp& model, DataSplits data,
                         TrainingState& state, TrainingObserver& observer) {
  RunResult result{};
  result.options = options;
  result.data_dir = data.dir;
  result.engine = engine.name();
  result.train_images = data.train.size();
  result.validation_images = data.validation.size();
  result.test_images = data.test.size();
  data.train = {};  // the engine has kept what it needs, which may be a sixth of this
  const auto stop_asked = [] { return noted_signal() != 0; };
  result.outcome =
      train({engine, model, result.train_images, stop_asked}, options.training, state, observer);
  result.epochs = state.epochs;
  result.train_loss = state.loss;
  if (state.best) result.best_epoch = state.best->epoch;
  if (state.epochs > 0 && result.outcome.stop != Stop::kDiverged) {
    result.test = evaluate(model, data.test);
    if (!options.output.dir.empty()) {
      result.mistakes = most_confident(find_mistakes(model, data.test), kReportMistakes);
    }
    result.validation = result.outcome.validation;
    if (!result.validation) result.validation = engine.validate();
  }
  result.status = status_of(result.outcome, result.test, options.min_accuracy);
  return result;
}

}  // namespace

ExitCode train_command(const Options& options, std::optional<DataSplits> loaded,
                       SparseForms forms) {
  set_up_log(options.verbosity);
  ConsoleStyle style = console_style();
  if (options.verbosity == Verbosity::kQuiet) style.bar_width = 0;
  style.shows_epochs = !options.output.json;
  Console console(std::cout, std::cerr, style);
  if (show_earlier_result(options, console)) return ExitCode::kDone;
  watch_signals();
  set_threads(options.training.threads);
  flush_denormals();
  RunRecorder recorder(options.output);
  DataSplits data = loaded ? *std::move(loaded) : load_data(options.data);
  log_versions();
  log_data(data);
  const Mlp model = build_model(options.training);
  log_options(options.training);
  const std::unique_ptr<Engine> engine = choose_engine(options, model, data, std::move(forms));
  TrainingState state =
      recorder.begin(options, model, identity(options, *engine, data.train.labels));
  if (state.epochs > 0) spdlog::info("resumed  after epoch {}", state.epochs);

  Observers observers({&recorder, &console});  // what is shown has been written
  const RunResult result =
      train_and_test(options, *engine, model, std::move(data), state, observers);
  console.clear_bar();
  recorder.finish(state, result);
  if (!options.output.dir.empty()) spdlog::debug("written  {}", options.output.dir);
  if (options.output.json) {
    console.print(to_json(result));
  } else if (result.test) {
    console.show(*result.test);
  }
  return conclude(result);
}

}  // namespace mnist
