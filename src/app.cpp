#include "mnist_train/app.h"

#include <c10/util/Exception.h>
#include <spdlog/spdlog.h>
#include <torch/utils.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "mnist_train/console.h"
#include "mnist_train/data_files.h"
#include "mnist_train/dataset.h"
#include "mnist_train/engine.h"
#include "mnist_train/error.h"
#include "mnist_train/evaluation.h"
#include "mnist_train/model.h"
#include "mnist_train/runtime.h"
#include "mnist_train/trainer.h"

namespace mnist {
namespace {

struct Data {
  Dataset train;
  Dataset test;
};

Data load_data(const DataOptions& options) {
  const std::filesystem::path dir = find_data_dir(options.dir);
  Data data{load_split(dir, Split::kTrain, options.train_limit),
            load_split(dir, Split::kTest, options.test_limit)};
  spdlog::info("data     {}: {} training and {} test images", dir.string(), data.train.size(),
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

ExitCode check_accuracy(const Evaluation& evaluation, std::optional<double> minimum) {
  const ConfusionMatrix& confusion = evaluation.confusion;
  const double percent = 100 * accuracy(confusion.correct(), confusion.total());
  if (!minimum || percent >= *minimum) return ExitCode::kDone;
  throw Error(
      ExitCode::kBelowMinAccuracy,
      fmt::format("expected a test accuracy of at least {} % (--min-accuracy), found {:.2f} %",
                  *minimum, percent));
}

ExitCode train_and_test(const Options& options) {
  set_threads(options.training.threads);
  flush_denormals();
  Data data = load_data(options.data);
  const Mlp model = build_model(options.training);
  log_options(options.training);
  const auto [engine, reason] = make_engine(options.engine, model, data.train, options.training);
  spdlog::info("engine   {}, {}; {} thread{}", engine->name(), reason, options.training.threads,
               options.training.threads == 1 ? "" : "s");
  const std::int64_t images = data.train.size();
  data.train = {};  // the engine has kept what it needs, which may be a sixth of this
  Console console(std::cout, std::cerr,
                  options.verbosity == Verbosity::kQuiet ? 0 : terminal_bar_width());
  train(*engine, images, options.training, console);
  const Evaluation evaluation = evaluate(model, data.test);
  console.show(evaluation);
  return check_accuracy(evaluation, options.min_accuracy);
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
