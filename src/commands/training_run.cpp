#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <torch/utils.h>
#include <torch/version.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/file.h"
#include "base/text.h"
#include "commands/commands.h"
#include "data/data_files.h"
#include "kernels/kernels.h"
#include "mnist_train/model.h"
#include "mnist_train/train.h"
#include "report/report.h"
#include "run/directory.h"
#include "run/fingerprint.h"
#include "run/predictions.h"
#include "run/record.h"
#include "train/trainer.h"

namespace mnist {
namespace {

/// The directory of the data or, if it is gone, what --data names; empty: not given.
std::string data_dir_of(const DataOptions& data) {
  try {
    return find_data_dir(data.dir).string();
  } catch (const Error&) {
    return data.dir.empty() ? "" : directory_path(data.dir).string();
  }
}

void log_training(const DataSplits& data, const MlpImpl& model, const std::vector<Setting>& config,
                  const Plan& plan, const Engine& engine) {
  const std::string validation =
      data.validation.size() == 0 ? "" : fmt::format(", {} validation", data.validation.size());
  spdlog::info("data     {}: {} training{} and {} test images{}", printable(data.dir),
               data.train.size(), validation, data.test.size(), describe_set(data.dir));
  if (data.test.size() == 0) {
    spdlog::warn("{}: no test set; the result is that of the validation set", printable(data.dir));
  }
  spdlog::info("model    {}", describe(model));
  constexpr std::array kOnOtherLines{"data", "engine", "device", "threads"};
  std::string options;
  for (const Setting& option : config) {
    if (std::ranges::find(kOnOtherLines, option.name) != kOnOtherLines.end()) continue;
    options +=
        fmt::format("{}{} {}", options.empty() ? "" : ", ", option.name, plain_value(option));
  }
  spdlog::info("options  {}", options);
  const char* const rounding =
      plan.engine == EngineKind::kSparse && !has_fused_multiply_add()
          ? "; the last digits differ from those of CPUs with fused multiply-add"
          : "";
  spdlog::info("engine   {} on {}, {}{}; {} thread{}", engine.name(), plan.device.str(),
               plan.reason, rounding, engine.threads(), engine.threads() == 1 ? "" : "s");
}

/// What is known of a run before the test.
RunRecord new_record(const DataSplits& data, const Plan& plan, const Engine& engine,
                     const TrainingResult& result, const TrainingState& state) {
  RunRecord run;
  run.data_dir = data.dir;
  run.train_images = data.train.size();
  run.validation_images = data.validation.size();
  run.test_images = data.test.size();
  run.engine = engine.name();
  run.device = plan.device.str();
  run.threads = engine.threads();
  run.version = MNIST_TRAIN_VERSION;
  run.libtorch = TORCH_VERSION;
  run.seconds = result.seconds;
  run.images_per_second = result.images_per_second;
  run.epochs = result.epochs;
  if (result.epochs == 0) return run;
  run.train_loss = result.train_loss;
  run.chosen = state.best ? ChosenEpoch{state.best->epoch, "validation"}
                          : ChosenEpoch{state.epochs, "last epoch"};
  return run;
}

/// Evaluates the trained model. What only the files of --out show is left out if there are none.
void test(RunRecord& run, Engine& engine, const Dataset& images, bool has_files) {
  const torch::Tensor logits = engine.logits(images.images);
  run.test = evaluate(logits, images.labels);
  run.test_fingerprint = fingerprint(images);
  if (!has_files) return;
  run.predictions = test_predictions(logits, images.labels);
  run.misclassified = most_confident_misclassified(run.predictions, images, kReportMisclassified);
}

/// Says how the run has ended: whether it is completed or, if not, why.
void add_end(RunRecord& run, Stop stop, const Options& options) {
  run.stopped_by = stop_name(stop);
  run.status = kStatusCompleted;
  if (stop == Stop::kDiverged || (run.test && !std::isfinite(run.test->loss))) {
    run.status = kStatusDiverged;
    run.problem = fmt::format(
        "training diverged in epoch {} of {}: loss or weights are not finite; try a lower "
        "learning rate",
        run.epochs + (stop == Stop::kDiverged ? 1 : 0), options.training.epochs);
    run.test = run.validation = std::nullopt;
    run.model_sha256.reset();
  } else if (stop == Stop::kAsked) {
    run.status = kStatusInterrupted;
  } else if (run.test) {
    run.problem = below_min_accuracy(run.test->confusion, options.min_accuracy);
    if (!run.problem.empty()) run.status = kStatusBelowMinAccuracy;
  }
}

}  // namespace

RunRecord run_training(Options options, const DataLoader& load,
                       const TrainingCallbacks& callbacks) {
  // So that config.toml repeats the run from any directory, and whatever $MNIST_DATA_DIR says then.
  options.data.dir = data_dir_of(options.data);
  const std::vector<Setting> config = settings(options);
  const OutputOptions& output = options.output;
  if (output.skip_if_done || output.existing == Existing::kResume) {
    if (const auto run = completed_run(output.dir, config)) {
      spdlog::info("already completed: {}", printable(output.dir));
      return *run;
    }
  }
  const TrainingOptions& training = options.training;
  options.compute.threads = usable_threads(options.compute.threads);
  const Plan plan = make_plan(options.compute, training);
  std::optional<RunDirectory> directory;
  if (!output.dir.empty()) directory.emplace(output);

  // 1. The data
  const DataSplits data = load(options.data);
  expect_test_images(data, options.min_accuracy);

  // 2. The network
  torch::manual_seed(static_cast<std::uint64_t>(training.seed));
  const Mlp model(training.hidden);

  // 3. Loss and optimizer: an engine does stochastic gradient descent on the cross-entropy
  const auto engine = make_engine(plan, model, data.train, training);
  log_training(data, *model, config, plan, *engine);

  // 4. Training, from where an earlier run in the directory ended
  TrainingState state;
  const bool is_stopped_early = noted_signal() != 0;
  if (is_stopped_early) directory.reset();  // there will be nothing to write
  if (directory) {
    const ResumeKey key = resume_key(config, *engine, data.train, training);
    state = directory->begin(model, training, config, key);
  }
  if (state.epochs > 0) spdlog::info("resumed  after epoch {}", state.epochs);
  const auto on_step = [&](const Progress& progress) {
    return callbacks.on_step(progress) && noted_signal() == 0;
  };
  const auto on_epoch = [&](const EpochResult& epoch) {
    if (directory) directory->on_epoch(epoch, state);  // what is shown has been written
    return callbacks.on_epoch(epoch) && noted_signal() == 0;
  };
  const TrainingResult result = train(*engine, model, data, training, state, {on_step, on_epoch});

  // 5. The test
  RunRecord run = new_record(data, plan, *engine, result, state);
  run.config = config;
  run.recipe = options.recipe;
  if (result.epochs > 0 && result.stop != Stop::kDiverged) {
    if (data.test.size() > 0) test(run, *engine, data.test, directory.has_value());
    run.model_sha256 = model_sha256(*model);
    run.validation = result.validation;
  }
  add_end(run, is_stopped_early ? Stop::kAsked : result.stop, options);
  if (directory) {
    directory->finish(state, run);
    write_file(run.dir / kReportFile, report_page({run}));
    spdlog::debug("written  {}", printable(run.dir.string()));
  }
  return run;
}

ExitCode exit_code_of(const RunRecord& run) {
  if (run.status == kStatusDiverged) return ExitCode::kDiverged;
  if (run.status == kStatusInterrupted) return exit_code_of(noted_signal());
  return run.status == kStatusBelowMinAccuracy ? ExitCode::kBelowMinAccuracy : ExitCode::kDone;
}

}  // namespace mnist
