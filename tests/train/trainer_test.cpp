#include "train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <cmath>
#include <limits>
#include <utility>

#include "mnist_train/data.h"
#include "mnist_train/error.h"

namespace mnist {
namespace {

/// Trains nothing: hands out training losses and, if there are any, validation losses, and keeps
/// the orders it was given.
class ScriptedEngine : public Engine {
 public:
  explicit ScriptedEngine(std::vector<double> losses, std::vector<double> validation_losses = {})
      : losses_(std::move(losses)), validation_losses_(std::move(validation_losses)) {}

  std::string name() const override { return "scripted"; }
  int threads() const override { return 1; }

  std::optional<double> train_epoch(std::int64_t /*epoch*/,
                                    const std::optional<torch::Tensor>& order,
                                    const StepCallback& on_step) override {
    orders.push_back(order);
    if (!on_step(4) || !on_step(5)) return std::nullopt;
    return losses_.at(orders.size() - 1);
  }

  std::optional<Evaluation> validate() override {
    if (validation_losses_.empty()) return std::nullopt;
    return Evaluation{validation_losses_.at(orders.size() - 1), {}};
  }
  TestResult test(const Dataset& /*data*/) override { return {}; }
  std::vector<torch::Tensor> velocities() override { return {}; }
  void set_velocities(const std::vector<torch::Tensor>& /*velocities*/) override {}

  std::vector<std::optional<torch::Tensor>> orders;

 private:
  std::vector<double> losses_;
  std::vector<double> validation_losses_;
};

class Recorder : public TrainingObserver {
 public:
  void on_step(const Progress& progress) override { steps.push_back(progress); }
  void on_epoch(const EpochResult& result) override { epochs.push_back(result); }

  std::vector<Progress> steps;
  std::vector<EpochResult> epochs;
};

TrainingOptions epochs(std::int64_t count) {
  TrainingOptions options;
  options.epochs = count;
  return options;
}

TrainingOutcome run(Engine& engine, std::int64_t images, const TrainingOptions& options,
                    TrainingObserver& observer) {
  TrainingState state;
  const Mlp model(std::vector<std::int64_t>{1});
  return train({engine, model, images, [] { return false; }}, options, state, observer);
}

TEST(Train, TellsWhatHappens) {
  ScriptedEngine engine({2.0, 1.0});
  Recorder recorder;
  run(engine, 5, epochs(2), recorder);
  ASSERT_EQ(recorder.epochs.size(), 2);
  EXPECT_EQ(recorder.epochs[1].epoch, 2);
  EXPECT_EQ(recorder.epochs[1].epochs, 2);
  EXPECT_EQ(recorder.epochs[0].train_loss, 2.0);
  EXPECT_EQ(recorder.epochs[1].train_loss, 1.0);
  ASSERT_EQ(recorder.steps.size(), 4);
  EXPECT_EQ(recorder.steps[2].epoch, 2);
  EXPECT_EQ(recorder.steps[2].images_done, 4);
  EXPECT_EQ(recorder.steps[2].images, 5);
}

TEST(Train, GivesNoOrderUnlessShuffled) {
  ScriptedEngine engine({1.0});
  Recorder recorder;
  run(engine, 5, epochs(1), recorder);
  EXPECT_FALSE(engine.orders[0].has_value());
}

TEST(Train, GivesEachEpochItsOwnOrderIfShuffled) {
  ScriptedEngine engine({1.0, 1.0});
  Recorder recorder;
  TrainingOptions options = epochs(2);
  options.shuffle = true;
  options.seed = 9;
  run(engine, 100, options, recorder);
  EXPECT_TRUE(torch::equal(*engine.orders[0], epoch_order(100, 9, 1)));
  EXPECT_TRUE(torch::equal(*engine.orders[1], epoch_order(100, 9, 2)));
}

TEST(Train, StopsAfterTheEpochThatDiverged) {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::quiet_NaN(),
        std::numeric_limits<double>::infinity()}) {
    ScriptedEngine engine({2.0, bad, 1.0});
    Recorder recorder;
    EXPECT_EQ(run(engine, 5, epochs(3), recorder).stop, Stop::kDiverged);
    EXPECT_FALSE(std::signbit(recorder.epochs.back().train_loss));
    EXPECT_EQ(recorder.epochs.size(), 2);
  }
}

TEST(Train, StopsWhenAskedAndForgetsTheEpoch) {
  ScriptedEngine engine({3.0, 2.0, 1.0});
  Recorder recorder;
  TrainingState state;
  const Mlp model(std::vector<std::int64_t>{1});
  int asked = 0;  // before epoch 1, after its first step, before epoch 2, after its first step
  const auto outcome =
      train({engine, model, 5, [&] { return ++asked == 4; }}, epochs(3), state, recorder);
  EXPECT_EQ(outcome.stop, Stop::kAsked);
  EXPECT_EQ(state.epochs, 1);
  EXPECT_EQ(state.loss, 3.0);
  EXPECT_EQ(recorder.epochs.size(), 1);
}

// A stop that is asked for after the last step comes too late to break the epoch off.
TEST(Train, CountsAnEpochWhoseLastStepIsDone) {
  ScriptedEngine engine({3.0, 2.0});
  Recorder recorder;
  TrainingState state;
  const Mlp model(std::vector<std::int64_t>{1});
  const auto stop_asked = [&] {
    return !recorder.steps.empty() && recorder.steps.back().images_done == 5;
  };
  const auto outcome = train({engine, model, 5, stop_asked}, epochs(2), state, recorder);
  EXPECT_EQ(outcome.stop, Stop::kAsked);
  EXPECT_EQ(state.epochs, 1);
}

TrainingOptions with_patience(std::int64_t patience, std::int64_t count) {
  TrainingOptions options = epochs(count);
  options.patience = patience;
  return options;
}

TEST(Train, WantsValidationImagesForPatience) {
  ScriptedEngine engine({1.0});
  Recorder recorder;
  EXPECT_THROW(run(engine, 5, with_patience(1, 1), recorder), Error);
}

TEST(Train, StopsWhenPatienceIsLost) {
  ScriptedEngine engine({1.0, 1.0, 1.0, 1.0}, {5.0, 3.0, 4.0, 3.0});
  Recorder recorder;
  const TrainingOutcome outcome = run(engine, 5, with_patience(2, 9), recorder);
  EXPECT_EQ(outcome.stop, Stop::kPatience);
  EXPECT_EQ(recorder.epochs.size(), 4);
  EXPECT_FALSE(outcome.validation.has_value());  // that of the last epoch is not of the best
}

// The validation loss of the epoch that diverged is not that of the weights that are kept.
TEST(Train, KeepsTheValidationOfTheEpochBeforeTheOneThatDiverged) {
  ScriptedEngine engine({1.0, std::nan("")}, {5.0, 3.0});
  Recorder recorder;
  const TrainingOutcome outcome = run(engine, 5, epochs(3), recorder);
  EXPECT_EQ(outcome.stop, Stop::kDiverged);
  EXPECT_EQ(outcome.validation.value().loss, 5.0);
  ScriptedEngine at_once({std::nan("")}, {5.0});
  EXPECT_FALSE(run(at_once, 5, epochs(3), recorder).validation.has_value());
}

TEST(Train, GoesOnFromAStateWithABestEpochWithoutPatience) {
  ScriptedEngine engine({1.0}, {5.0});
  Recorder recorder;
  const Mlp model(std::vector<std::int64_t>{1});
  TrainingState state;
  state.epochs = 1;
  state.best = BestEpoch{1, 9.0, copy_parameters(*model)};
  const auto outcome = train({engine, model, 5, [] { return false; }}, epochs(2), state, recorder);
  EXPECT_EQ(outcome.stop, Stop::kEpochs);
  EXPECT_EQ(state.epochs, 2);
}

TEST(Train, GoesOnFromAState) {
  ScriptedEngine engine({1.0, 0.5});
  Recorder recorder;
  TrainingState state;
  state.epochs = 3;
  const Mlp model(std::vector<std::int64_t>{1});
  train({engine, model, 5, [] { return false; }}, epochs(5), state, recorder);
  ASSERT_EQ(recorder.epochs.size(), 2);
  EXPECT_EQ(recorder.epochs[0].epoch, 4);
  EXPECT_EQ(state.epochs, 5);
}

TEST(Train, StopsAfterAnEpochWhenTheTimeIsOver) {
  ScriptedEngine engine({1.0, 0.5, 0.25});
  Recorder recorder;
  TrainingOptions options = epochs(3);
  options.max_seconds = 0.0;
  EXPECT_EQ(run(engine, 5, options, recorder).stop, Stop::kMaxTime);
  EXPECT_EQ(recorder.epochs.size(), 1);
}

}  // namespace
}  // namespace mnist
