#include "mnist_train/app.h"

#include <c10/util/Exception.h>
#include <spdlog/spdlog.h>
#include <torch/utils.h>

#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mnist_train/checkpoint.h"
#include "mnist_train/console.h"
#include "mnist_train/data_files.h"
#include "mnist_train/dataset.h"
#include "mnist_train/engine.h"
#include "mnist_train/error.h"
#include "mnist_train/evaluation.h"
#include "mnist_train/model.h"
#include "mnist_train/result.h"
#include "mnist_train/run_directory.h"
#include "mnist_train/run_recorder.h"
#include "mnist_train/runtime.h"
#include "mnist_train/settings.h"
#include "mnist_train/signals.h"
#include "mnist_train/trainer.h"

namespace mnist {
namespace {

struct Data {
  std::string dir;
  Dataset train;
  Dataset validation;
  Dataset test;
};

Data load_data(const DataOptions& options) {
  const std::filesystem::path dir = find_data_dir(options.dir);
  const Dataset train = load_split(dir, Split::kTrain, options.train_limit);
  const std::int64_t count = train.size() - options.validation;
  if (count < 1) {
    throw Error(ExitCode::kUsage,
                fmt::format("--validation: expected fewer than the {} training images, found {}",
                            train.size(), options.validation));
  }
  Data data{dir.string(),
            {train.images.slice(0, 0, count), train.labels.slice(0, 0, count)},
            {train.images.slice(0, count).clone(), train.labels.slice(0, count).clone()},
            load_split(dir, Split::kTest, options.test_limit)};
  spdlog::info("data     {}: {} training, {}{} test images", data.dir, count,
               options.validation > 0 ? fmt::format("{} validation and ", options.validation) : "",
               data.test.size());
  return data;
}

Mlp build_model(const TrainingOptions& options) {
  torch::manual_seed(static_cast<std::uint64_t>(options.seed));
  Mlp model(options.hidden);
  spdlog::info("model    {} with ReLU, {} parameters", architecture(options.hidden),
               count_parameters(*model));
  return model;
}

void log_options(const TrainingOptions& options) {
  spdlog::info("options  epochs {}, batch {}, lr {}, momentum {}, weight decay {}, seed {}, {}",
               options.epochs, options.batch, options.lr, options.momentum, options.weight_decay,
               options.seed, options.shuffle ? "shuffled" : "in the order of the file");
}

double percent(const Evaluation& evaluation) {
  const ConfusionMatrix& confusion = evaluation.confusion;
  return 100 * accuracy(confusion.correct(), confusion.total());
}

/// Passes on what happens.
class Observers : public TrainingObserver {
 public:
  explicit Observers(std::vector<TrainingObserver*> observers) : observers_(std::move(observers)) {}

  void on_step(const Progress& progress) override {
    for (TrainingObserver* observer : observers_) observer->on_step(progress);
  }
  void on_epoch(const EpochResult& result) override {
    for (TrainingObserver* observer : observers_) observer->on_epoch(result);
  }
  void on_state(const TrainingState& state) override {
    for (TrainingObserver* observer : observers_) observer->on_state(state);
  }

 private:
  std::vector<TrainingObserver*> observers_;
};

/// What decides the weights, the engine that was chosen and the labels included.
std::map<std::string, std::string> identity(const Options& options, const Engine& engine,
                                            const torch::Tensor& labels) {
  std::map<std::string, std::string> result;
  for (const Setting& setting : decisive_settings(options)) {
    result["--" + setting.name] = setting.value;
  }
  result["--engine"] = engine.name().substr(0, engine.name().find(' '));
  // After all options in the order of the alphabet: some of them change the labels, too.
  result["labels of --data"] = fmt::format("{:016x}", fingerprint(labels));
  return result;
}

Status status_of(const TrainingOutcome& outcome, const std::optional<Evaluation>& test,
                 std::optional<double> min_accuracy) {
  if (outcome.stop == Stop::kDiverged) return Status::kDiverged;
  if (outcome.stop == Stop::kAsked) return Status::kInterrupted;
  const bool reached = !min_accuracy || percent(*test) >= *min_accuracy;
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
                   options.output.dir.empty() ? "" : "; go on with the same command and --resume");
      return exit_code_of(noted_signal());
    case Status::kDiverged:
      throw Error(ExitCode::kDiverged,
                  fmt::format("training diverged: expected a finite loss, found another in epoch "
                              "{} of {}; try a smaller --lr or --momentum",
                              result.epochs + 1, options.training.epochs));
    case Status::kBelowMinAccuracy:
      throw Error(
          ExitCode::kBelowMinAccuracy,
          fmt::format("expected a test accuracy of at least {} % (--min-accuracy), found {:.2f} %",
                      *options.min_accuracy, percent(*result.test)));
  }
  return ExitCode::kInternal;
}

/// The result of a run that is completed already, if that will do.
std::optional<std::string> earlier_result(const Options& options) {
  if (!options.output.skip_if_done) return std::nullopt;
  return stored_result(options.output.dir);
}

ExitCode train_and_test(const Options& options) {
  Console console(std::cout, std::cerr,
                  options.verbosity == Verbosity::kQuiet ? 0 : terminal_bar_width(),
                  !options.output.json);
  if (const auto stored = earlier_result(options)) {
    if (const auto test = test_of_completed_run(*stored, options)) {
      spdlog::info("done before: {}", options.output.dir);
      options.output.json ? console.print(*stored) : console.show(*test);
      return ExitCode::kDone;
    }
  }
  watch_signals();
  set_threads(options.training.threads);
  flush_denormals();
  std::optional<RunDirectory> directory;
  if (!options.output.dir.empty()) {
    directory.emplace(options.output.dir, options.output.existing);
  }
  Data data = load_data(options.data);
  Mlp model = build_model(options.training);
  log_options(options.training);
  const auto [engine, reason] = make_engine(options.engine, model, data.train, options.training);
  spdlog::info("engine   {}, {}; {} thread{}", engine->name(), reason, options.training.threads,
               options.training.threads == 1 ? "" : "s");

  TrainingState state;
  std::vector<TrainingObserver*> observers{&console};
  std::optional<RunRecorder> recorder;
  if (directory) {
    recorder.emplace(*directory, *model, identity(options, *engine, data.train.labels),
                     options.output.save_every);
    state = recorder->resume(options.training.epochs);
    directory->save_config(to_toml(settings(options)));
    if (state.epochs > 0) spdlog::info("resumed  after epoch {}", state.epochs);
    observers.push_back(&*recorder);
  }
  const std::int64_t images = data.train.size();
  data.train = {};  // the engine has kept what it needs, which may be a sixth of this
  Observers all(observers);
  RunResult result{};
  result.options = options;
  result.data_dir = data.dir;
  result.train_images = images;
  result.engine = engine->name();
  result.outcome =
      train({*engine, model, images, data.validation, [] { return noted_signal() != 0; }},
            options.training, state, all);
  result.epochs = state.epochs;
  result.train_loss = state.loss;
  if (state.best) result.best_epoch = state.best->epoch;
  const bool has_model = state.epochs > 0 && result.outcome.stop != Stop::kDiverged;
  if (has_model) {
    result.test = evaluate(model, data.test);
    if (data.validation.size() > 0) result.validation = evaluate(model, data.validation);
  }
  result.status = status_of(result.outcome, result.test, options.min_accuracy);
  const std::string json = to_json(result);
  if (directory) {
    if (has_model) directory->save_model(encode_safetensors(model_file(*model)));
    if (state.epochs > 0) recorder->save(state);
    directory->save_result(json);
  }
  if (options.output.json) console.print(json);
  if (result.test && !options.output.json) console.show(*result.test);
  return conclude(result);
}

ExitCode run_training(const Options& options) {
  set_up_log(options.verbosity);
  try {
    return train_and_test(options);
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    throw Error(ExitCode::kInternal, message.substr(0, message.find('\n')));
  }
}

ExitCode run_version() {
  std::cout << version_text() << std::endl;
  return std::cout ? ExitCode::kDone : ExitCode::kOutput;
}

}  // namespace
}  // namespace mnist

mnist::ExitCode mnist_train_run_command(const mnist::CommandLine& command) {
  using Action = mnist::CommandLine::Action;
  return command.action == Action::kVersion ? mnist::run_version()
                                            : mnist::run_training(command.options);
}
