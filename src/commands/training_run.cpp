#include "commands/training_run.h"

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <torch/utils.h>
#include <torch/version.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "commands/commands.h"
#include "data/data_files.h"
#include "kernels/kernels.h"
#include "mnist_train/error.h"
#include "mnist_train/model.h"
#include "mnist_train/shape.h"
#include "mnist_train/train.h"
#include "report/report.h"
#include "run/fingerprint.h"
#include "run/folder.h"
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

/// The completed run with these options that --out holds already, if --resume or --skip-if-done
/// allow to show that.
std::optional<RunRecord> earlier_run(const Options& options) {
  const OutputOptions& output = options.output;
  if (!output.skip_if_done && output.existing != Existing::kResume) return std::nullopt;
  auto run = completed_run(output.dir, settings(options), data_dir_of(options.data));
  if (run) spdlog::info("already completed: {}", printable(output.dir));
  return run;
}

/// What is known of a run before it is trained.
RunRecord new_record(const Options& options, const DataSplits& data, const Plan& plan,
                     const Engine& engine) {
  RunRecord run;
  Options repeatable = options;  // from any directory, and whatever $MNIST_DATA_DIR says then
  repeatable.data.dir = data.dir;
  run.config = settings(repeatable);
  run.data_dir = data.dir;
  run.train_images = data.train.size();
  run.validation_images = data.validation.size();
  run.test_images = data.test.size();
  run.engine = engine.name();
  run.device = plan.device.str();
  run.threads = engine.threads();
  run.version = MNIST_TRAIN_VERSION;
  run.libtorch = TORCH_VERSION;
  return run;
}

void warn_of_missing_digits(const Dataset& data, const char* name) {
  if (data.size() == 0) return;
  const torch::Tensor counts = data.labels.bincount({}, kDigits);
  std::vector<std::int64_t> missing;
  for (std::int64_t digit = 0; digit < kDigits; ++digit) {
    if (counts[digit].item<std::int64_t>() == 0) missing.push_back(digit);
  }
  if (missing.empty()) return;
  spdlog::warn("the {} set has no image of {}", name, fmt::join(missing, ", "));
}

/// The options, and the engine and the device with the reason for them.
void log_training(const Options& options, const Plan& plan, const Engine& engine) {
  spdlog::info("options  {}", describe_training(options));
  const TrainingOptions& training = options.training;
  if (training.warmup >= static_cast<double>(training.epochs)) {
    spdlog::warn(
        "--warmup {} is not shorter than --epochs {}: the learning rate never reaches its peak",
        training.warmup, training.epochs);
  }
  const char* const rounding =
      plan.engine == EngineKind::kSparse && !has_fused_multiply_add()
          ? "; the last digits differ from those of CPUs with fused multiply-add"
          : "";
  spdlog::info("engine   {} on {}, {}{}; {} thread{}", engine.name(), plan.device.str(),
               plan.reason, rounding, engine.threads(), engine.threads() == 1 ? "" : "s");
}

/// The state to train on from: that of the run in the directory, or a new one.
TrainingState open_run(RunFolder& folder, const Options& options, const RunRecord& run,
                       const Mlp& model, const Engine& engine, const Dataset& train) {
  const ResumeKey key = resume_key(decisive_settings(options), engine, train, options.training);
  TrainingState state = folder.begin(model, options.training, run.config, key);
  if (state.epochs > 0) spdlog::info("resumed  after epoch {}", state.epochs);
  return state;
}

const char* status_of(Stop stop, const std::optional<Evaluation>& test,
                      std::optional<double> min_accuracy) {
  if (stop == Stop::kDiverged || (test && !std::isfinite(test->loss))) return kStatusDiverged;
  if (stop == Stop::kAsked) return kStatusInterrupted;
  const bool is_below = test && !below_min_accuracy(test->confusion, min_accuracy).empty();
  return is_below ? kStatusBelowMinAccuracy : kStatusCompleted;
}

void add_result(RunRecord& run, const TrainingResult& result, const TrainingState& state) {
  run.stopped_by = stop_name(result.stop);
  run.seconds = result.seconds;
  run.images_per_second = result.images_per_second;
  run.epochs = result.epochs;
  if (result.epochs == 0) return;
  run.train_loss = result.train_loss;
  run.chosen = state.best ? ChosenEpoch{state.best->epoch, "validation"}
                          : ChosenEpoch{state.epochs, "last epoch"};
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

void finish_run(RunFolder& folder, const TrainingState& state, RunRecord& run) {
  folder.finish(state, run);
  folder.save_report(report_page({run}));
  spdlog::debug("written  {}", printable(run.dir.string()));
}

}  // namespace

void log_data(const DataSplits& data) {
  const std::string validation =
      data.validation.size() == 0 ? "" : fmt::format(", {} validation", data.validation.size());
  spdlog::info("data     {}: {} training{} and {} test images{}", printable(data.dir),
               data.train.size(), validation, data.test.size(), describe_set(data.dir));
  constexpr std::int64_t kEnough = 100;
  if (data.train.images.slice(0, 0, kEnough).max().item<std::uint8_t>() <= 1) {
    spdlog::warn("{}: the first images have no pixel above 1; expected up to 255",
                 printable(data.dir));
  }
  warn_of_missing_digits(data.train, "training");
  warn_of_missing_digits(data.validation, "validation");
  warn_of_missing_digits(data.test, "test");
  if (data.test.size() > 0) return;
  spdlog::warn("{}: no test set ({} not found); the result is that of the validation set",
               printable(data.dir), fmt::join(missing_files(data.dir, Split::kTest), ", "));
}

RunRecord run_training(const Options& options, const std::function<DataSplits()>& load,
                       const TrainingCallbacks& callbacks) {
  if (const auto run = earlier_run(options)) return *run;
  const TrainingOptions& training = options.training;
  ComputeOptions compute = options.compute;
  compute.threads = usable_threads(compute.threads);
  const Plan plan = make_plan(compute, training);
  std::optional<RunFolder> folder;
  if (!options.output.dir.empty()) folder.emplace(options.output);

  // 1. The data
  const DataSplits data = load();
  log_data(data);
  expect_test_images(data, options.min_accuracy);

  // 2. The network
  torch::manual_seed(static_cast<std::uint64_t>(training.seed));
  const Mlp model(training.hidden);
  spdlog::info("model    {}", describe(*model));

  // 3. Loss and optimizer: an engine does stochastic gradient descent on the cross-entropy
  const auto engine = make_engine(plan, model, data.train, training);
  log_training(options, plan, *engine);
  RunRecord run = new_record(options, data, plan, *engine);

  // 4. Training, from where an earlier run in the directory ended
  TrainingState state;
  const bool spares_earlier_run =
      noted_signal() != 0 && options.output.existing == Existing::kOverwrite;
  if (spares_earlier_run) folder.reset();  // it is not overwritten by one that ends before it began
  if (folder) state = open_run(*folder, options, run, model, *engine, data.train);
  const auto on_step = [&](const Progress& progress) {
    return callbacks.on_step(progress) && noted_signal() == 0;
  };
  const auto on_epoch = [&](const EpochResult& epoch) {
    if (folder) folder->on_epoch(epoch, state);  // what is shown has been written
    return callbacks.on_epoch(epoch) && noted_signal() == 0;
  };
  const TrainingResult result = train(*engine, model, data, training, state, {on_step, on_epoch});
  add_result(run, result, state);

  // 5. The test
  if (result.epochs > 0 && result.stop != Stop::kDiverged) {
    if (data.test.size() > 0) test(run, *engine, data.test, folder.has_value());
    run.model_sha256 = model_sha256(*model);
    run.validation = result.validation;
  }
  run.status = status_of(result.stop, run.test, options.min_accuracy);
  if (folder) finish_run(*folder, state, run);
  return run;
}

ExitCode exit_code_of(const RunRecord& run) {
  if (run.status == kStatusDiverged) return ExitCode::kDiverged;
  if (run.status == kStatusInterrupted) return exit_code_of(noted_signal());
  return run.status == kStatusBelowMinAccuracy ? ExitCode::kBelowMinAccuracy : ExitCode::kDone;
}

std::string problem_of(const RunRecord& run, const Options& options) {
  if (run.status == kStatusDiverged) {
    return fmt::format(
        "training diverged in epoch {} of {}: loss or weights are not finite; try a lower "
        "learning rate",
        run.epochs + 1, options.training.epochs);
  }
  if (run.status == kStatusBelowMinAccuracy) {
    return below_min_accuracy(run.test->confusion, options.min_accuracy);
  }
  return "";
}

}  // namespace mnist
