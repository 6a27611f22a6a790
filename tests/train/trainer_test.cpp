#include "train/trainer.h"

#include <cmath>
#include <limits>

#include "mnist_train/train.h"
#include "train/training.h"

namespace mnist {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Trains nothing: hands out training losses and, if there are any, the validation losses of the
/// epochs. Sets the model's parameters to the number of the epoch.
class ScriptedEngine : public Engine {
 public:
  explicit ScriptedEngine(std::vector<double> losses, std::vector<double> validation_losses = {})
      : losses_(std::move(losses)), validation_losses_(std::move(validation_losses)) {}

  std::string name() const override { return "scripted"; }
  int threads() const override { return 1; }

  std::optional<double> train_epoch(std::int64_t epoch, const StepCallback& on_step) override {
    ++trained_;
    test::fill(model, static_cast<double>(epoch));
    if (!on_step(4) || !on_step(5)) return std::nullopt;
    return losses_.at(trained_ - 1);
  }

  /// Those that give the label 0 the validation loss.
  torch::Tensor logits(const torch::Tensor& images) override {
    const double loss = validation_losses_.at(static_cast<std::size_t>(epoch_of_model()) - 1);
    torch::Tensor rows = torch::full({images.size(0), kDigits}, std::log(std::expm1(loss) / 9));
    rows.select(1, 0).zero_();
    return rows;
  }
  std::vector<torch::Tensor> velocities() override { return {}; }
  void set_velocities(const std::vector<torch::Tensor>& /*velocities*/) override {}

  bool validates() const { return !validation_losses_.empty(); }
  /// The epoch whose parameters the model has.
  float epoch_of_model() const { return model->layers()[0]->bias[0].item<float>(); }

  Mlp model = Mlp(std::vector<std::int64_t>{1});

 private:
  std::size_t trained_ = 0;
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

TrainingOptions epochs(std::int64_t count) { return {.epochs = count}; }

/// Trains by the engine on five images, with a validation image if the engine has losses of it.
TrainingResult run(ScriptedEngine& engine, const TrainingOptions& options, Recorder& recorder,
                   TrainingState state = {}) {
  DataSplits data{.train = test::noise(5)};
  if (engine.validates()) data.validation = test::noise(1);
  return train(engine, engine.model, data, options, state, recorder.callbacks());
}

TEST(Train, TellsEachStepAndEpoch) {
  ScriptedEngine engine({2.0, 1.0});
  Recorder recorder;
  const TrainingResult result = run(engine, epochs(2), recorder);
  EXPECT_EQ(result.stop, Stop::kEpochs);
  EXPECT_EQ(result.train_loss, 1.0);
  EXPECT_EQ(engine.epoch_of_model(), 2);
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

// The validation loss of the epoch that diverged is not that of the weights that are kept.
TEST(Train, KeepsTheWeightsFromBeforeItDiverged) {
  for (const double bad : {kNaN, -kNaN, kInfinity}) {
    ScriptedEngine engine({2.0, bad, 1.0}, {5.0, 3.0});
    Recorder recorder;
    const TrainingResult result = run(engine, epochs(3), recorder);
    EXPECT_EQ(result.stop, Stop::kDiverged);
    EXPECT_EQ(result.epochs, 1);
    EXPECT_EQ(engine.epoch_of_model(), 1);
    EXPECT_NEAR(result.validation.value().loss, 5.0, 1e-6);
    EXPECT_FALSE(std::signbit(recorder.epochs.back().train_loss));
    EXPECT_EQ(recorder.epochs.size(), 2);
  }
}

TEST(Train, HasDivergedIfTheValidationLossIsNotFinite) {
  ScriptedEngine engine({2.0, 1.0}, {5.0, kNaN});
  Recorder recorder;
  const TrainingResult result = run(engine, epochs(2), recorder);
  EXPECT_EQ(result.stop, Stop::kDiverged);
  EXPECT_EQ(result.epochs, 1);
  EXPECT_EQ(engine.epoch_of_model(), 1);
}

TEST(Train, StopsWhenAskedAndForgetsTheEpoch) {
  ScriptedEngine engine({3.0, 2.0, 1.0});
  Recorder recorder;
  recorder.goes_on = [&] { return recorder.steps.size() < 3; };  // one step of the second epoch
  const TrainingResult result = run(engine, epochs(3), recorder);
  EXPECT_EQ(result.stop, Stop::kAsked);
  EXPECT_EQ(result.epochs, 1);
  EXPECT_EQ(result.train_loss, 3.0);
  EXPECT_EQ(engine.epoch_of_model(), 1);
  EXPECT_EQ(recorder.epochs.size(), 1);
}

// A stop that is asked for after the last step comes too late to break the epoch off.
TEST(Train, CountsAnEpochWhoseLastStepIsDone) {
  for (const std::int64_t planned : {1, 2}) {
    ScriptedEngine engine({3.0, 2.0});
    Recorder recorder;
    recorder.goes_on = [&] { return recorder.steps.back().images_done < 5; };
    const TrainingResult result = run(engine, epochs(planned), recorder);
    EXPECT_EQ(result.stop, planned == 1 ? Stop::kEpochs : Stop::kAsked);
    EXPECT_EQ(result.epochs, 1);
  }
}

TEST(Train, KeepsTheBestEpochWhenPatienceIsLost) {
  ScriptedEngine engine({1.0, 1.0, 1.0, 1.0}, {5.0, 3.0, 4.0, 3.0});
  Recorder recorder;
  TrainingOptions options = epochs(9);
  options.patience = 2;
  const TrainingResult result = run(engine, options, recorder);
  EXPECT_EQ(result.stop, Stop::kPatience);
  EXPECT_EQ(recorder.epochs.size(), 4);
  EXPECT_EQ(result.epochs, 4);
  EXPECT_EQ(engine.epoch_of_model(), 2);
  EXPECT_NEAR(result.validation.value().loss, 3.0, 1e-6);
  ScriptedEngine unvalidated({1.0});
  EXPECT_THROW(run(unvalidated, options, recorder), Error);
}

TEST(Train, GoesOnFromAState) {
  ScriptedEngine engine({1.0, 0.5});
  Recorder recorder;
  TrainingState state;
  state.epochs = 3;
  EXPECT_EQ(run(engine, epochs(5), recorder, state).epochs, 5);
  ASSERT_EQ(recorder.epochs.size(), 2);
  EXPECT_EQ(recorder.epochs[0].epoch, 4);
}

TEST(Train, StopsAfterAnEpochWhenTheTimeIsOver) {
  ScriptedEngine engine({1.0, 0.5, 0.25});
  Recorder recorder;
  TrainingOptions options = epochs(3);
  options.max_seconds = 0.0;
  EXPECT_EQ(run(engine, options, recorder).stop, Stop::kMaxTime);
  EXPECT_EQ(recorder.epochs.size(), 1);
}

}  // namespace
}  // namespace mnist
