#include <torch/nn/functional/loss.h>
#include <torch/optim/sgd.h>

#include "train/schedule.h"
#include "train/training.h"

namespace mnist {
namespace {

using test::go_on;

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
      expect_plain_training(
          {.epochs = 1, .batch = batch, .lr = 0.5, .hidden = {16}, .shuffle = shuffle}, data);
    }
  }
}

TEST(AutogradEngine, HasMomentumWeightDecayScheduleAndLabelSmoothing) {
  TrainingOptions options{.epochs = 2, .batch = 20, .lr = 0.05, .hidden = {16}, .shuffle = true};
  options.momentum = 0.5;
  options.weight_decay = 0.01;
  options.lr_schedule = LrSchedule::kCosine;
  options.warmup = 0.5;
  options.label_smoothing = 0.2;
  expect_plain_training(options, test::noise(230));
}

TEST(AutogradEngine, EndsTheEpochWhenTheCallbackSaysSo) {
  const Mlp model(std::vector<std::int64_t>{});
  const auto engine =
      test::engine_of(EngineKind::kAutograd, model, test::noise(3), {.batch = 1, .hidden = {}});
  std::vector<std::int64_t> done;
  const auto stop_after_two = [&](std::int64_t images) {
    done.push_back(images);
    return images < 2;
  };
  EXPECT_EQ(engine->train_epoch(1, stop_after_two), std::nullopt);
  EXPECT_EQ(done, (std::vector<std::int64_t>{1, 2}));
}

/// What a device ends with after two epochs: parameters, velocities and logits of test images.
std::vector<torch::Tensor> train_on(torch::Device device, const TrainingOptions& options) {
  const DataSplits data = load_data(test::sample_dir());
  torch::manual_seed(1);
  const Mlp model(options.hidden);
  const auto engine =
      make_engine({EngineKind::kAutograd, device, 1, ""}, model, data.train, options);
  for (std::int64_t epoch = 1; epoch <= 2; ++epoch) engine->train_epoch(epoch, go_on);
  std::vector<torch::Tensor> result = copy_parameters(*model);
  for (const torch::Tensor& velocity : engine->velocities()) result.push_back(velocity);
  result.push_back(engine->logits(data.test.images));
  return result;
}

TEST(AutogradEngine, TrainsOnAGpuAsOnTheCpu) {
  if (find_gpus().count == 0) GTEST_SKIP() << "there is no GPU here: " << find_gpus().why_none;
  TrainingOptions options{.momentum = 0.5, .shuffle = true};
  for (const Augment augment : {Augment::kNone, Augment::kElastic}) {
    options.augment.kind = augment;
    const std::vector<torch::Tensor> expected = train_on(torch::kCPU, options);
    const std::vector<torch::Tensor> found = train_on({torch::kCUDA, 0}, options);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const double scale = i + 1 == expected.size() ? 10 : 1;  // logits are larger
      EXPECT_TRUE(torch::allclose(found.at(i), expected[i], scale * 1e-3, scale * 1e-4)) << i;
    }
  }
}

}  // namespace
}  // namespace mnist
