#include <torch/utils.h>

#include "commands/commands.h"
#include "mnist_train/train.h"
#include "run/fingerprint.h"
#include "support.h"
#include "terminal/console.h"

namespace mnist {
namespace {

TEST(RunTraining, GivesTheWeightsOfTheLibrary) {
  set_up_log(Verbosity::kQuiet);
  Options options;
  options.data = {
      .dir = test::sample_dir().string(), .train_limit = 300, .test_limit = 10, .validation = 100};
  options.training = {.epochs = 4,
                      .lr = 0.1,
                      .momentum = 0.5,
                      .hidden = {32},
                      .seed = 3,
                      .shuffle = true,
                      .patience = 1};
  const DataSplits data = load_data(options.data);
  for (const EngineKind kind : {EngineKind::kSparse, EngineKind::kAutograd}) {
    options.compute.engine = kind;
    const RunRecord run = run_training(options, [&](const DataOptions&) { return data; }, {});

    torch::manual_seed(3);
    const Mlp model(options.training.hidden);
    const TrainingResult result = train(model, data, options.training, options.compute);
    EXPECT_EQ(run.model_sha256, model_sha256(*model));
    EXPECT_EQ(run.epochs, result.epochs);
    EXPECT_EQ(run.train_loss, result.train_loss);
    EXPECT_EQ(run.validation.value().loss, result.validation.value().loss);
  }
}

TEST(MinAccuracy, IsComparedWithCountsSinceAPercentageIsRounded) {
  ConfusionMatrix test;
  test.counts[1][1] = 240;  // 80.268 %
  test.counts[1][7] = 59;
  EXPECT_EQ(below_min_accuracy(test, std::nullopt), "");
  EXPECT_EQ(below_min_accuracy(test, 80.26), "");
  EXPECT_EQ(below_min_accuracy(test, 80.27),
            "expected a test accuracy of at least 80.27 % (--min-accuracy), found 240 of 299 "
            "correct");
  test.counts[1][1] = 59;
  EXPECT_EQ(below_min_accuracy(test, 50), "");
}

}  // namespace
}  // namespace mnist
