#include <gtest/gtest.h>
#include <torch/nn/functional/loss.h>
#include <torch/optim/sgd.h>
#include <torch/utils.h>

#include <optional>
#include <string>
#include <vector>

#include "mnist_train/shape.h"
#include "train/schedule.h"
#include "train/training.h"

namespace mnist {
namespace {

using test::go_on;

TrainingOptions options(std::int64_t batch, std::vector<std::int64_t> hidden) {
  TrainingOptions result;
  result.batch = batch;
  result.lr = 0.5;
  result.hidden = std::move(hidden);
  return result;
}

/// Trains the model by a plain loop over float images. Returns the mean loss of the last epoch.
double train_plainly(Mlp model, const TrainingOptions& options, const Dataset& data) {
  torch::optim::SGD optimizer(
      model->parameters(),
      torch::optim::SGDOptions(0).momentum(options.momentum).weight_decay(options.weight_decay));
  auto& sgd = static_cast<torch::optim::SGDOptions&>(optimizer.param_groups().front().options());
  const auto smoothing =
      torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(options.label_smoothing);
  const torch::Tensor images = data.images.to(torch::kFloat32) / 255;
  double loss = 0.0;
  for (std::int64_t epoch = 1; epoch <= options.epochs; ++epoch) {
    const torch::Tensor order = image_order(options, epoch, data.size());
    loss = 0.0;
    for (const Segment& segment : segments(options, epoch, data.size())) {
      sgd.lr(segment.lr);
      for (const auto& batch : order.slice(0, segment.begin, segment.end).split(options.batch)) {
        optimizer.zero_grad();
        const torch::Tensor mean =
            torch::nn::functional::cross_entropy(model->forward(images.index_select(0, batch)),
                                                 data.labels.index_select(0, batch), smoothing);
        mean.backward();
        optimizer.step();
        loss += mean.item<double>() * static_cast<double>(batch.numel());
      }
    }
  }
  return loss / static_cast<double>(data.size());
}

void expect_plain_training(const TrainingOptions& options, const Dataset& data) {
  torch::manual_seed(1);
  const Mlp model(options.hidden);
  torch::manual_seed(1);
  const Mlp plain(options.hidden);
  const auto engine = test::engine_of(EngineKind::kAutograd, model, data, options);
  double loss = 0.0;
  for (std::int64_t epoch = 1; epoch <= options.epochs; ++epoch) {
    loss = engine->train_epoch(epoch, go_on).value();
  }
  EXPECT_NEAR(loss, train_plainly(plain, options, data), 1e-6);
  test::expect_equal(copy_parameters(*model), copy_parameters(*plain));
}

// It takes the images of about 1000 at once from bytes to floats.
TEST(AutogradEngine, GivesTheWeightsAndTheLossOfAPlainLoopForAnyBatchSize) {
  const Dataset data = test::noise(2300);
  for (const std::int64_t batch : {7, 300, 1000, 1500, 5000}) {
    for (const bool shuffle : {false, true}) {
      SCOPED_TRACE("batch " + std::to_string(batch) + (shuffle ? ", shuffled" : ""));
      TrainingOptions shuffled = options(batch, {16});
      shuffled.epochs = 1;
      shuffled.shuffle = shuffle;
      expect_plain_training(shuffled, data);
    }
  }
}

TEST(AutogradEngine, HasMomentumWeightDecayScheduleAndLabelSmoothing) {
  TrainingOptions all = options(20, {16});
  all.lr = 0.05;
  all.epochs = 2;
  all.shuffle = true;
  all.momentum = 0.5;
  all.weight_decay = 0.01;
  all.lr_schedule = LrSchedule::kCosine;
  all.warmup = 0.5;
  all.label_smoothing = 0.2;
  expect_plain_training(all, test::noise(230));
}

TEST(AutogradEngine, EndsTheEpochWhenTheCallbackSaysSo) {
  const Mlp model(std::vector<std::int64_t>{});
  const auto engine = test::engine_of(EngineKind::kAutograd, model, test::noise(3), options(1, {}));
  std::vector<std::int64_t> done;
  const auto stop_after_two = [&](std::int64_t images) {
    done.push_back(images);
    return images < 2;
  };
  EXPECT_EQ(engine->train_epoch(1, stop_after_two), std::nullopt);
  EXPECT_EQ(done, (std::vector<std::int64_t>{1, 2}));
}

/// What a device ends with after two epochs, and its logits of the test images.
struct TrainedOnDevice {
  std::vector<torch::Tensor> parameters;
  std::vector<torch::Tensor> velocities;
  torch::Tensor logits;
};

TrainedOnDevice train_on(torch::Device device, const TrainingOptions& options) {
  const DataSplits data = load_data(test::sample_dir());
  torch::manual_seed(1);
  const Mlp model(options.hidden);
  const auto engine =
      make_engine({EngineKind::kAutograd, device, 1, ""}, model, data.train, options);
  for (std::int64_t epoch = 1; epoch <= 2; ++epoch) engine->train_epoch(epoch, go_on);
  return {copy_parameters(*model), engine->velocities(), engine->logits(data.test.images)};
}

TEST(AutogradEngine, TrainsOnAGpuAsOnTheCpu) {
  if (find_gpus().count == 0) GTEST_SKIP() << "there is no GPU here: " << find_gpus().why_none;
  TrainingOptions options;
  options.momentum = 0.5;
  options.shuffle = true;
  for (const Augment augment : {Augment::kNone, Augment::kElastic}) {
    options.augment.kind = augment;
    const TrainedOnDevice expected = train_on(torch::kCPU, options);
    const TrainedOnDevice found = train_on({torch::kCUDA, 0}, options);
    for (std::size_t i = 0; i < expected.parameters.size(); ++i) {
      EXPECT_TRUE(torch::allclose(found.parameters[i], expected.parameters[i], 1e-3, 1e-4));
      EXPECT_TRUE(torch::allclose(found.velocities[i], expected.velocities[i], 1e-3, 1e-4));
    }
    EXPECT_TRUE(torch::allclose(found.logits, expected.logits, 1e-2, 1e-3));
  }
}

}  // namespace
}  // namespace mnist
