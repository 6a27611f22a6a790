#include "train/trainer.h"

#include <chrono>
#include <cmath>
#include <utility>

#include "base/fail.h"
#include "train/schedule.h"

namespace mnist {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Trains the next epoch; none if it was broken off. `epochs_before` were done before this run.
std::optional<EpochResult> train_epoch(const Training& training, const TrainingOptions& options,
                                       std::int64_t epoch, std::int64_t epochs_before,
                                       Clock::time_point start, TrainingObserver& observer) {
  const std::int64_t images = training.images;
  std::optional<torch::Tensor> order;
  if (options.shuffle) order = epoch_order(images, options.seed, epoch);
  const Clock::time_point epoch_start = Clock::now();
  const auto loss = training.engine.train_epoch(epoch, order, [&](std::int64_t images_done) {
    observer.on_step({epoch, options.epochs, images_done, images, seconds_since(epoch_start),
                      seconds_since(start), epochs_before});
    return images_done == images || !training.stop_asked();
  });
  if (!loss) return std::nullopt;
  const double seconds = seconds_since(epoch_start);
  // A loss is not negative. A NaN may have a sign, which would only confuse the reader.
  EpochResult result{epoch, options.epochs, std::abs(*loss), seconds,
                     static_cast<double>(images) / seconds};
  if (rate_changes(options)) result.lr = segments(options, epoch, images).back().lr;
  return result;
}

/// Evaluates the model on the validation set, if there is one, and adds that to `result`.
std::optional<Evaluation> validate(const Training& training, EpochResult& result) {
  const std::optional<Evaluation> validation = training.engine.validate();
  if (!validation) return std::nullopt;
  result.validation_loss = validation->loss;
  result.validation_accuracy = validation->accuracy();
  return validation;
}

/// Brings the state up to date after an epoch. Returns false, and leaves the state as it was, if
/// training has diverged. The loss shows that of every step but the last, the weights of that one.
bool advance(TrainingState& state, const EpochResult& result, const Training& training,
             const TrainingOptions& options) {
  std::vector<torch::Tensor> parameters = copy_parameters(*training.model);
  std::vector<torch::Tensor> velocities = training.engine.velocities();
  if (!std::isfinite(result.train_loss) || !are_finite(parameters) || !are_finite(velocities)) {
    return false;
  }
  state.epochs = result.epoch;
  state.loss = result.train_loss;
  state.parameters = std::move(parameters);
  state.velocities = std::move(velocities);
  if (!options.patience) return true;
  const double loss = result.validation_loss.value();
  if (!state.best || loss < state.best->loss) {
    state.best = BestEpoch{result.epoch, loss, state.parameters};
  }
  return true;
}

/// Whether the last options.patience epochs have not lowered the validation loss.
bool has_lost_patience(const TrainingState& state, const TrainingOptions& options) {
  return options.patience && state.best && state.epochs - state.best->epoch >= *options.patience;
}

/// Trains until there is a reason to stop. `outcome.seconds` becomes the time of the whole epochs
/// together, without validation.
Stop train_epochs(const Training& training, const TrainingOptions& options, TrainingState& state,
                  TrainingOutcome& outcome, TrainingObserver& observer) {
  const Clock::time_point start = Clock::now();
  const std::int64_t epochs_before = state.epochs;
  while (state.epochs < options.epochs) {
    if (training.stop_asked()) return Stop::kAsked;
    if (has_lost_patience(state, options)) return Stop::kPatience;
    auto result = train_epoch(training, options, state.epochs + 1, epochs_before, start, observer);
    if (!result) return Stop::kAsked;
    outcome.seconds += result->seconds;
    const std::optional<Evaluation> validation = validate(training, *result);
    if (options.patience && !validation) {
      fail(ErrorKind::kUsage, "patience: expected a validation set, found none");
    }
    observer.on_epoch(*result);
    if (!advance(state, *result, training, options)) return Stop::kDiverged;
    const bool is_final = !state.best || state.best->epoch == state.epochs;
    outcome.validation = is_final ? validation : std::nullopt;
    observer.on_state(state);
    const bool time_is_over = options.max_seconds && seconds_since(start) >= *options.max_seconds;
    if (time_is_over && state.epochs < options.epochs) return Stop::kMaxTime;
  }
  return Stop::kEpochs;
}

/// Lets a callback end the training.
class CallbackObserver : public TrainingObserver {
 public:
  explicit CallbackObserver(const EpochCallback& on_epoch) : callback_(on_epoch) {}

  void on_epoch(const EpochResult& result) override {
    if (callback_) goes_on_ = callback_(result);
  }
  bool goes_on() const { return goes_on_; }

 private:
  const EpochCallback& callback_;
  bool goes_on_ = true;
};

}  // namespace

TrainingOutcome train(const Training& training, const TrainingOptions& options,
                      TrainingState& state, TrainingObserver& observer) {
  const Clock::time_point start = Clock::now();
  if (state.parameters.empty()) state.parameters = copy_parameters(*training.model);
  set_parameters(training.model, state.parameters);
  training.engine.set_velocities(state.velocities);
  const std::int64_t epochs_before = state.epochs;
  TrainingOutcome outcome{};
  outcome.stop = train_epochs(training, options, state, outcome, observer);
  set_parameters(training.model, state.best ? state.best->parameters : state.parameters);
  const auto images = static_cast<double>((state.epochs - epochs_before) * training.images);
  if (outcome.seconds > 0) outcome.images_per_second = images / outcome.seconds;
  outcome.seconds = seconds_since(start);
  return outcome;
}

TrainingResult train(Mlp model, const DataSplits& data, const TrainingOptions& options,
                     const ComputeOptions& compute, const EpochCallback& on_epoch) {
  const auto engine = make_engine(make_plan(compute, options), model, data, options);
  CallbackObserver observer(on_epoch);
  const auto stop_asked = [&] { return !observer.goes_on(); };
  TrainingState state;
  const TrainingOutcome outcome =
      train({*engine, model, data.train.size(), stop_asked}, options, state, observer);
  return {outcome.stop, state.epochs, state.loss, outcome.seconds,
          outcome.validation ? outcome.validation : engine->validate()};
}

}  // namespace mnist
