#include "commands/training_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <torch/utils.h>

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>

#include "commands/commands.h"
#include "mnist_train/train.h"
#include "run/fingerprint.h"
#include "support.h"
#include "terminal/console.h"

namespace mnist {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

TEST(RunTraining, GivesTheWeightsOfTheLibrary) {
  set_up_log(Verbosity::kQuiet);
  Options options;
  options.data.dir = test::sample_dir().string();
  options.data.train_limit = 300;
  options.data.validation = 100;
  options.training.epochs = 4;
  options.training.hidden = {32};
  options.training.lr = 0.1;
  options.training.momentum = 0.5;
  options.training.shuffle = true;
  options.training.seed = 3;
  options.training.patience = 1;
  const DataSplits data = load_data(options.data);
  for (const EngineKind kind : {EngineKind::kSparse, EngineKind::kAutograd}) {
    options.compute.engine = kind;
    const RunRecord run = run_training(options, [&] { return data; }, {});

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

/// What is logged about the data set: levels and messages.
std::string log_of(const DataOptions& options) {
  std::ostringstream text;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_st>(text)));
  spdlog::set_pattern("%L %v");
  log_data(load_data(options));
  spdlog::set_default_logger(before);
  return text.str();
}

TEST(LogData, NamesTheDataSetAndWhatItLacks) {
  const test::TempDir dir;
  DataOptions options{.dir = dir.path().string()};
  test::write_data_set(dir.path(), 28, 9);
  EXPECT_EQ(log_of(options), "I data     " + options.dir +
                                 ": 28 training and 9 test images\n"
                                 "W the test set has no image of 9\n");
  options.validation = 8;
  EXPECT_EQ(log_of(options), "I data     " + options.dir +
                                 ": 20 training, 8 validation and 9 test images\n"
                                 "W the validation set has no image of 8, 9\n"
                                 "W the test set has no image of 9\n");
  options.train_limit = 17;
  EXPECT_THAT(log_of(options), HasSubstr("\nW the training set has no image of 9\n"));
  std::filesystem::remove(dir / "t10k-images-idx3-ubyte");
  EXPECT_THAT(log_of(options), EndsWith("W " + options.dir +
                                        ": no test set (t10k-images-idx3-ubyte not found); "
                                        "the result is that of the validation set\n"));
}

TEST(LogData, WarnsOfPixelsThatAreNearlyBlack) {
  const test::TempDir dir;
  const DataOptions options{.dir = dir.path().string()};
  test::write_data_set(dir.path(), 20, 10);
  for (const char brightest : {'\0', '\1', '\2'}) {
    test::write_file(dir / "train-images-idx3-ubyte",
                     test::idx_images(20, std::string(std::size_t{20} * 28 * 28, brightest)));
    const std::string warning =
        "W " + options.dir + ": the first images have no pixel above 1; expected up to 255\n";
    EXPECT_EQ(log_of(options).find(warning) != std::string::npos, brightest < '\2');
  }
}

}  // namespace
}  // namespace mnist
