#include <gtest/gtest.h>
#include <torch/nn/functional/loss.h>
#include <torch/optim/sgd.h>
#include <torch/utils.h>

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mnist_train/shape.h"
#include "train/training.h"

namespace mnist {
namespace {

using test::fill;
using test::go_on;

/// Images that are black but for one white pixel each.
Dataset one_pixel_images(const std::vector<std::int64_t>& pixels,
                         const std::vector<std::int64_t>& labels) {
  const auto size = static_cast<std::int64_t>(pixels.size());
  Dataset data{torch::zeros({size, kPixels}, torch::kUInt8), torch::tensor(labels)};
  for (std::int64_t i = 0; i < size; ++i) data.images[i][pixels[i]] = 255;
  return data;
}

TrainingOptions options(std::int64_t batch, std::vector<std::int64_t> hidden) {
  TrainingOptions result;
  result.batch = batch;
  result.lr = 0.5;
  result.hidden = std::move(hidden);
  return result;
}

std::unique_ptr<Engine> make_autograd(const Mlp& model, const Dataset& train,
                                      const TrainingOptions& options) {
  return make_autograd_engine(model, train, options, 1, torch::kCPU);
}

float at(const torch::Tensor& tensor, std::int64_t row, std::int64_t column) {
  return tensor[row][column].item<float>();
}

// With all weights zero the probabilities are 0.1 each, so the gradient of the loss by logit c is
// 0.1 - [c is the label], averaged over the batch, and that by a weight is the same times its
// input.
TEST(AutogradEngine, TakesTheStepComputedByHand) {
  Mlp model(std::vector<std::int64_t>{});
  fill(model, 0.0);
  const Dataset data = one_pixel_images({5, 9}, {2, 7});
  const auto loss = make_autograd(model, data, options(2, {}))->train_epoch(1, {}, go_on);
  EXPECT_NEAR(loss.value(), std::log(10.0), 1e-6);
  const auto& layer = model->layers()[0];
  EXPECT_FLOAT_EQ(at(layer->weight, 2, 5), 0.5F * 0.9F / 2);
  EXPECT_FLOAT_EQ(at(layer->weight, 7, 5), -0.5F * 0.1F / 2);
  EXPECT_FLOAT_EQ(at(layer->weight, 7, 9), 0.5F * 0.9F / 2);
  EXPECT_EQ(at(layer->weight, 2, 0), 0.0F);
  EXPECT_FLOAT_EQ(layer->bias[2].item<float>(), 0.5F * (0.9F - 0.1F) / 2);
  EXPECT_FLOAT_EQ(layer->bias[0].item<float>(), -0.5F * (0.1F + 0.1F) / 2);
}

// The label's target is 1 - 0.2 + 0.2/10 = 0.82 and that of each other digit 0.02. With all
// probabilities 0.1 the loss is still log 10, and the gradients are -0.72 and 0.08.
TEST(AutogradEngine, SmoothsLabelsAsComputedByHand) {
  Mlp model(std::vector<std::int64_t>{});
  fill(model, 0.0);
  TrainingOptions smoothing = options(1, {});
  smoothing.label_smoothing = 0.2;
  const auto loss =
      make_autograd(model, one_pixel_images({5}, {2}), smoothing)->train_epoch(1, {}, go_on);
  EXPECT_NEAR(loss.value(), std::log(10.0), 1e-6);
  EXPECT_FLOAT_EQ(at(model->layers()[0]->weight, 2, 5), 0.5F * 0.72F);
  EXPECT_FLOAT_EQ(at(model->layers()[0]->weight, 0, 5), -0.5F * 0.08F);
}

// There is one batch, so an epoch has one rate, which in the middle of the two epochs is 3/4 and
// 1/4 of 0.5. The gradient by the bias of a digit that is not the label is 0.1.
TEST(AutogradEngine, TakesTheRateOfTheEpoch) {
  std::vector<float> biases;
  for (const std::int64_t epoch : {1, 2}) {
    Mlp model(std::vector<std::int64_t>{});
    fill(model, 0.0);
    TrainingOptions falling = options(1, {});
    falling.lr_schedule = LrSchedule::kLinear;
    falling.epochs = 2;
    make_autograd(model, one_pixel_images({5}, {2}), falling)->train_epoch(epoch, {}, go_on);
    biases.push_back(model->layers()[0]->bias[0].item<float>());
  }
  EXPECT_FLOAT_EQ(biases[0], -0.375F * 0.1F);
  EXPECT_FLOAT_EQ(biases[1], -0.125F * 0.1F);
}

// One hidden unit h = relu(2 x - 0.5) = 1.5 for x = 1 and logits v_c h with v zero: the gradient by
// v_c is (0.1 - [c = label]) h, and that by h is zero. The unit is off for x = 0, so nothing of it
// moves.
TEST(AutogradEngine, BackpropagatesThroughReluAsComputedByHand) {
  Mlp model(std::vector<std::int64_t>{1});
  fill(model, 0.0);
  const auto& hidden = model->layers()[0];
  const auto& output = model->layers()[1];
  {
    const torch::NoGradGuard no_grad;
    hidden->weight[0][3] = 2.0;
    hidden->bias[0] = -0.5;
    output->weight[4][0] = 1.0;
  }
  // p_4 = e^1.5 / (9 + e^1.5) for the first image; the other eight digits but the label share the
  // rest.
  const double e = std::exp(1.5);
  const double p4 = e / (9 + e);
  make_autograd(model, one_pixel_images({3}, {4}), options(1, {1}))->train_epoch(1, {}, go_on);
  EXPECT_NEAR(at(output->weight, 4, 0), 1.0 - 0.5 * (p4 - 1) * 1.5, 1e-6);
  EXPECT_NEAR(at(output->weight, 0, 0), -0.5 * (1 / (9 + e)) * 1.5, 1e-6);
  // By h: sum over c of (p_c - [c = 4]) v_c = p4 - 1; by the weight of pixel 3 and the bias the
  // same.
  EXPECT_NEAR(at(hidden->weight, 0, 3), 2.0 - 0.5 * (p4 - 1), 1e-6);
  EXPECT_NEAR(hidden->bias[0].item<float>(), -0.5 - 0.5 * (p4 - 1), 1e-6);
  EXPECT_EQ(at(hidden->weight, 0, 4), 0.0F);

  const float before = at(hidden->weight, 0, 3);
  {
    const torch::NoGradGuard no_grad;
    hidden->bias[0] = -0.5;
  }
  make_autograd(model, one_pixel_images({8}, {4}), options(1, {1}))->train_epoch(1, {}, go_on);
  EXPECT_EQ(at(hidden->weight, 0, 3), before);
  EXPECT_EQ(at(hidden->weight, 0, 8), 0.0F);
}

// torch::optim::SGD: g += weight_decay * w; v = momentum * v + g; w -= lr * v.
TEST(AutogradEngine, AppliesMomentumAndWeightDecay) {
  Mlp model(std::vector<std::int64_t>{});
  fill(model, 0.0);
  TrainingOptions sgd = options(1, {});
  sgd.momentum = 0.5;
  sgd.weight_decay = 0.25;
  const auto engine = make_autograd(model, one_pixel_images({0, 1}, {0, 0}), sgd);
  engine->train_epoch(1, {}, go_on);
  // Step 1 on the weight of pixel 0: v = -0.9, w = 0.45. Step 2 (pixel 0 black): g = 0.25 * 0.45,
  // v = -0.45 + 0.1125 = -0.3375, w = 0.45 + 0.16875.
  EXPECT_NEAR(at(model->layers()[0]->weight, 0, 0), 0.61875, 1e-6);
}

TEST(AutogradEngine, CountsAShortLastBatchByItsImages) {
  // lr 0: the losses are those of the untrained model, whatever the batches.
  torch::manual_seed(1);
  const Dataset data = test::noise(7);
  Mlp model(std::vector<std::int64_t>{8});
  TrainingOptions still = options(1, {8});
  still.lr = 0;
  const double expected = make_autograd(model, data, still)->train_epoch(1, {}, go_on).value();
  for (const std::int64_t batch : {2, 3, 5, 7, 100}) {
    still.batch = batch;
    std::vector<std::int64_t> done;
    const auto loss =
        make_autograd(model, data, still)->train_epoch(1, {}, [&](std::int64_t images) {
          done.push_back(images);
          return true;
        });
    EXPECT_NEAR(loss.value(), expected, 1e-6) << "batch " << batch;
    EXPECT_EQ(done.size(), (7 + batch - 1) / batch);
    EXPECT_EQ(done.back(), 7);
  }
}

TEST(AutogradEngine, EndsTheEpochWhenTheCallbackSaysSo) {
  Mlp model(std::vector<std::int64_t>{});
  const auto engine = make_autograd(model, one_pixel_images({1, 2, 3}, {4, 5, 6}), options(1, {}));
  std::vector<std::int64_t> done;
  const auto stop_after_two = [&](std::int64_t images) {
    done.push_back(images);
    return images < 2;
  };
  EXPECT_EQ(engine->train_epoch(1, {}, stop_after_two), std::nullopt);
  EXPECT_EQ(done, (std::vector<std::int64_t>{1, 2}));
}

/// The weights after an epoch of a plain loop over float images.
std::vector<torch::Tensor> train_plainly(const TrainingOptions& options, const Dataset& data,
                                         const torch::Tensor& order) {
  torch::manual_seed(1);
  Mlp model(options.hidden);
  torch::optim::SGD optimizer(model->parameters(), torch::optim::SGDOptions(options.lr));
  const torch::Tensor images = data.images.to(torch::kFloat32) / 255;
  for (const torch::Tensor& batch : order.split(options.batch)) {
    optimizer.zero_grad();
    torch::nn::functional::cross_entropy(model->forward(images.index_select(0, batch)),
                                         data.labels.index_select(0, batch))
        .backward();
    optimizer.step();
  }
  return copy_parameters(*model);
}

// It takes the images of about 1000 at once from bytes to floats.
TEST(AutogradEngine, GivesTheWeightsOfAPlainLoopForAnyBatchSize) {
  const Dataset data = test::noise(2300);
  for (const std::int64_t batch : {7, 300, 1000, 1500, 5000}) {
    for (const bool shuffle : {false, true}) {
      SCOPED_TRACE("batch " + std::to_string(batch) + (shuffle ? ", shuffled" : ""));
      std::optional<torch::Tensor> order;
      if (shuffle) order = epoch_order(data.size(), 1, 1);
      torch::manual_seed(1);
      Mlp model(std::vector<std::int64_t>{16});
      const auto engine = make_autograd(model, data, options(batch, {16}));
      engine->train_epoch(1, order, go_on);
      test::expect_equal(
          copy_parameters(*model),
          train_plainly(options(batch, {16}), data, order.value_or(torch::arange(data.size()))));
    }
  }
}

TEST(AutogradEngine, TakesTheImagesInTheOrderGiven) {
  const Dataset data = one_pixel_images({1, 2, 3}, {4, 5, 6});
  const Dataset reordered = one_pixel_images({3, 1, 2}, {6, 4, 5});
  std::vector<torch::Tensor> weights;
  for (const bool by_order : {true, false}) {
    Mlp model(std::vector<std::int64_t>{});
    fill(model, 0.0);
    const auto engine = make_autograd(model, by_order ? data : reordered, options(1, {}));
    if (by_order) {
      engine->train_epoch(1, torch::tensor({2, 0, 1}), go_on);
    } else {
      engine->train_epoch(1, {}, go_on);
    }
    weights.push_back(model->layers()[0]->weight.detach());
  }
  EXPECT_TRUE(torch::equal(weights[0], weights[1]));
}

}  // namespace
}  // namespace mnist
