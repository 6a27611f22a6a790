#include "train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "mnist_train/error.h"
#include "train/training.h"

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

  /// Those that give the label 0 the validation loss.
  torch::Tensor logits(const torch::Tensor& images) override {
    const double loss = validation_losses_.at(orders.size() - 1);
    torch::Tensor rows = torch::full({images.size(0), kDigits}, std::log(std::expm1(loss) / 9));
    rows.select(1, 0).zero_();
    return rows;
  }
  std::vector<torch::Tensor> velocities() override { return {}; }
  void set_velocities(const std::vector<torch::Tensor>& /*velocities*/) override {}

  bool validates() const { return !validation_losses_.empty(); }

  std::vector<std::optional<torch::Tensor>> orders;

 private:
  std::vector<double> losses_;
  std::vector<double> validation_losses_;
};

/// Keeps what training tells. It stops where `goes_on` says so.
struct Recorder {
  std::function<bool()> goes_on = [] { return true; };
  std::vector<Progress> steps = {};
  std::vector<EpochResult> epochs = {};

  TrainingCallbacks callbacks() {
    return {[this](const Progress& progress) {
              steps.push_back(progress);
              return goes_on();
            },
            [this](const EpochResult& epoch) {
              epochs.push_back(epoch);
              return goes_on();
            }};
  }
};

TrainingOptions epochs(std::int64_t count) {
  TrainingOptions options;
  options.epochs = count;
  return options;
}

/// Trains by the engine on so many images, with a validation image if the engine has losses of it.
TrainingResult run(ScriptedEngine& engine, std::int64_t images, const TrainingOptions& options,
                   Recorder& recorder, TrainingState state = {}) {
  DataSplits data{.train = test::noise(images)};
  if (engine.validates()) data.validation = test::noise(1);
  const Mlp model(std::vector<std::int64_t>{1});
  return train(engine, model, data, options, state, recorder.callbacks());
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
  recorder.goes_on = [&] { return recorder.steps.size() < 3; };  // one step of the second epoch
  const TrainingResult result = run(engine, 5, epochs(3), recorder);
  EXPECT_EQ(result.stop, Stop::kAsked);
  EXPECT_EQ(result.epochs, 1);
  EXPECT_EQ(result.train_loss, 3.0);
  EXPECT_EQ(recorder.epochs.size(), 1);
}

// A stop that is asked for after the last step comes too late to break the epoch off.
TEST(Train, CountsAnEpochWhoseLastStepIsDone) {
  for (const std::int64_t planned : {1, 2}) {
    ScriptedEngine engine({3.0, 2.0});
    Recorder recorder;
    recorder.goes_on = [&] { return recorder.steps.back().images_done < 5; };
    const TrainingResult result = run(engine, 5, epochs(planned), recorder);
    EXPECT_EQ(result.stop, planned == 1 ? Stop::kEpochs : Stop::kAsked);
    EXPECT_EQ(result.epochs, 1);
  }
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
  const TrainingResult result = run(engine, 5, with_patience(2, 9), recorder);
  EXPECT_EQ(result.stop, Stop::kPatience);
  EXPECT_EQ(recorder.epochs.size(), 4);
  EXPECT_EQ(result.epochs, 4);
}

// The validation loss of the epoch that diverged is not that of the weights that are kept.
TEST(Train, KeepsTheValidationOfTheEpochBeforeTheOneThatDiverged) {
  ScriptedEngine engine({1.0, std::nan("")}, {5.0, 3.0});
  Recorder recorder;
  const TrainingResult result = run(engine, 5, epochs(3), recorder);
  EXPECT_EQ(result.stop, Stop::kDiverged);
  EXPECT_NEAR(result.validation.value().loss, 5.0, 1e-6);
}

TEST(Train, GoesOnFromAState) {
  for (const bool has_best : {false, true}) {
    ScriptedEngine engine({1.0, 0.5});
    Recorder recorder;
    TrainingState state;
    state.epochs = 3;
    if (has_best)
      state.best = BestEpoch{1, 9.0, copy_parameters(*Mlp(std::vector<std::int64_t>{1}))};
    const TrainingResult result = run(engine, 5, epochs(5), recorder, state);
    EXPECT_EQ(result.stop, Stop::kEpochs);
    EXPECT_EQ(result.epochs, 5);
    ASSERT_EQ(recorder.epochs.size(), 2);
    EXPECT_EQ(recorder.epochs[0].epoch, 4);
  }
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
