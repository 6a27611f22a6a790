#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/fail.h"
#include "mnist_train/train.h"
#include "train/schedule.h"

namespace mnist {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Whether no value in the tensors is infinite or NaN.
bool are_finite(const std::vector<torch::Tensor>& tensors) {
  return std::all_of(tensors.begin(), tensors.end(), [](const torch::Tensor& tensor) {
    return torch::isfinite(tensor).all().item<bool>();
  });
}

/// The arguments of train().
struct Trainer {
  Engine& engine;
  const Mlp& model;
  const DataSplits& data;
  const TrainingOptions& options;
  TrainingState& state;
  const TrainingCallbacks& callbacks;
  Clock::time_point start = Clock::now();
  std::int64_t epochs_before = state.epochs;

  /// Trains the next epoch; none if a callback ended it.
  std::optional<EpochResult> train_epoch() const {
    const std::int64_t epoch = state.epochs + 1;
    const std::int64_t images = data.train.size();
    const Clock::time_point epoch_start = Clock::now();
    const auto loss = engine.train_epoch(epoch, [&](std::int64_t images_done) {
      const bool goes_on =
          callbacks.on_step({epoch, options.epochs, images_done, images, seconds_since(epoch_start),
                             seconds_since(start), epochs_before});
      return goes_on || images_done == images;
    });
    if (!loss) return std::nullopt;
    const double seconds = seconds_since(epoch_start);
    // A loss is never negative, but a NaN may have a sign.
    EpochResult result{epoch, options.epochs, std::abs(*loss), seconds,
                       static_cast<double>(images) / seconds};
    if (rate_changes(options)) result.lr = segments(options, epoch, images).back().lr;
    return result;
  }

  std::optional<Evaluation> validate() const {
    const Dataset& validation = data.validation;
    if (validation.size() == 0) return std::nullopt;
    return evaluate(engine.logits(validation.images), validation.labels);
  }

  /// Updates the state after an epoch. If training has diverged, returns false and leaves the state
  /// unchanged. The loss covers every step but the last; the weights cover that one.
  bool advance(const EpochResult& epoch) const {
    std::vector<torch::Tensor> parameters = copy_parameters(*model);
    std::vector<torch::Tensor> velocities;
    if (options.momentum != 0.0) velocities = engine.velocities();
    const bool has_finite_losses =
        std::isfinite(epoch.train_loss) && std::isfinite(epoch.validation_loss.value_or(0));
    if (!has_finite_losses || !are_finite(parameters) || !are_finite(velocities)) return false;
    state.epochs = epoch.epoch;
    state.loss = epoch.train_loss;
    state.parameters = std::move(parameters);
    state.velocities = std::move(velocities);
    if (options.patience && (!state.best || *epoch.validation_loss < state.best->loss)) {
      state.best = BestEpoch{epoch.epoch, *epoch.validation_loss, state.parameters};
    }
    return true;
  }

  /// Trains until there is a reason to stop. Sets result.images_per_second, and result.validation
  /// if it is known already.
  Stop train_epochs(TrainingResult& result) const {
    double seconds = 0.0;
    while (state.epochs < options.epochs) {
      const bool is_out_of_patience =
          options.patience && state.best && state.epochs - state.best->epoch >= *options.patience;
      if (is_out_of_patience) return Stop::kPatience;
      std::optional<EpochResult> epoch = train_epoch();
      if (!epoch) return Stop::kAsked;
      const std::optional<Evaluation> validation = validate();
      if (validation) {
        epoch->validation_loss = std::abs(validation->loss);  // a NaN, too, may have a sign
        epoch->validation_accuracy = validation->accuracy();
      }
      const bool has_diverged = !advance(*epoch);
      const bool goes_on = callbacks.on_epoch(*epoch);
      if (has_diverged) return Stop::kDiverged;
      seconds += epoch->seconds;
      result.images_per_second =
          static_cast<double>((state.epochs - epochs_before) * data.train.size()) / seconds;
      const bool is_final = !state.best || state.best->epoch == state.epochs;
      result.validation = is_final ? validation : std::nullopt;
      if (state.epochs == options.epochs) break;
      if (options.max_seconds && seconds_since(start) >= *options.max_seconds)
        return Stop::kMaxTime;
      if (!goes_on) return Stop::kAsked;
    }
    return Stop::kEpochs;
  }
};

}  // namespace

TrainingResult train(Engine& engine, Mlp model, const DataSplits& data,
                     const TrainingOptions& options, TrainingState& state,
                     const TrainingCallbacks& callbacks) {
  if (options.patience && data.validation.size() == 0) {
    fail(ErrorKind::kUsage, "patience: expected a validation set, found none");
  }
  if (state.parameters.empty()) state.parameters = copy_parameters(*model);
  set_parameters(model, state.parameters);
  if (!state.velocities.empty()) engine.set_velocities(state.velocities);
  const Trainer trainer{engine, model, data, options, state, callbacks};
  TrainingResult result{};
  result.stop = trainer.train_epochs(result);
  result.epochs = state.epochs;
  result.train_loss = state.loss;
  set_parameters(model, state.best ? state.best->parameters : state.parameters);
  if (!result.validation) result.validation = trainer.validate();
  result.seconds = seconds_since(trainer.start);
  return result;
}

TrainingResult train(Mlp model, const DataSplits& data, const TrainingOptions& options,
                     const ComputeOptions& compute, const TrainingCallbacks& callbacks) {
  if (options.batch < 1 || compute.threads < 1) {
    fail(ErrorKind::kUsage, "batch and threads: expected at least 1, found {} and {}",
         options.batch, compute.threads);
  }
  const auto engine = make_engine(make_plan(compute, options), model, data.train, options);
  TrainingState state;
  return train(*engine, model, data, options, state, callbacks);
}

}  // namespace mnist
