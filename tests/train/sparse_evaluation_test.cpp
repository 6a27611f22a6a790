#include <gtest/gtest.h>
#include <torch/utils.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mnist_train/shape.h"
#include "mnist_train/train.h"
#include "train/training.h"

namespace mnist {
namespace {

using test::go_on;
using test::sample;

TrainingOptions options_for(std::vector<std::int64_t> hidden, std::int64_t batch) {
  TrainingOptions options;
  options.hidden = std::move(hidden);
  options.batch = batch;
  options.lr = 0.1;
  return options;
}

/// Images of which a fifth of the pixels is not black.
Dataset sparse_noise(std::int64_t images) {
  const Dataset all = test::noise(images);
  return {all.images * (torch::rand(all.images.sizes()) < 0.2), all.labels};
}

/// A network, the same one for the same options, and its sparse engine.
struct Trainee {
  explicit Trainee(const TrainingOptions& options, int threads = 1)
      : model((torch::manual_seed(1), options.hidden)),
        engine(test::engine_of(EngineKind::kSparse, model, sample(100), options, threads)) {}

  double train_epoch() const { return engine->train_epoch(1, go_on).value(); }
  Evaluation test(const Dataset& data) const {
    return evaluate(engine->logits(data.images), data.labels);
  }

  Mlp model;
  std::unique_ptr<Engine> engine;
};

void expect_close(const Evaluation& sparse, const Evaluation& dense) {
  EXPECT_EQ(sparse.confusion.counts, dense.confusion.counts);
  EXPECT_NEAR(sparse.loss, dense.loss, 1e-5 * dense.loss);
}

TEST(SparseEvaluation, AgreesWithTheDenseOne) {
  const std::vector<std::vector<std::int64_t>> shapes{{256, 256}, {}, {1}, {40}, {100, 33, 7}};
  for (const auto& hidden : shapes) {
    for (const auto& [batch, threads] :
         std::vector<std::pair<std::int64_t, int>>{{20, 1}, {1, 1}, {100, 2}, {37, 3}, {5, 7}}) {
      for (const std::int64_t size : {1, 31, 32, 33, 500}) {
        SCOPED_TRACE(testing::PrintToString(hidden) + ", batch " + std::to_string(batch) + ", " +
                     std::to_string(threads) + " threads, " + std::to_string(size) + " images");
        for (const Dataset& data : {sample(size), sparse_noise(size)}) {
          const Trainee trainee(options_for(hidden, batch), threads);
          trainee.train_epoch();
          expect_close(trainee.test(data), evaluate(trainee.model, data));
        }
      }
    }
  }
}

TEST(SparseEvaluation, TakesTheFirstOfEqualLogits) {
  Trainee trainee(options_for({16}, 20));
  test::fill(trainee.model, 0.0);
  const Evaluation result = trainee.test(sample(50));
  EXPECT_NEAR(result.loss, std::log(10.0), 1e-6);
  for (const auto& predictions : result.confusion.counts) {
    for (std::size_t digit = 1; digit < predictions.size(); ++digit)
      EXPECT_EQ(predictions[digit], 0);
  }
}

// Too large for the sum of the products, and not finite themselves: where a zero is skipped, the
// latter's product with it would not be NaN.
TEST(SparseEvaluation, DivergesAsTheDenseOneDoes) {
  for (const float weight :
       {1e38F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    for (const std::vector<std::int64_t>& hidden :
         std::vector<std::vector<std::int64_t>>{{}, {16}}) {
      Trainee trainee(options_for(hidden, 20));
      test::fill(trainee.model, weight);
      const Evaluation sparse = trainee.test(sample(50));
      EXPECT_FALSE(std::isfinite(sparse.loss));
      EXPECT_EQ(sparse.confusion.counts, evaluate(trainee.model, sample(50)).confusion.counts);
    }
  }
}

TEST(SparseEvaluation, ChangesNothingAboutTraining) {
  TrainingOptions options = options_for({64, 32}, 20);
  options.momentum = 0.9;
  options.weight_decay = 0.1;
  const Trainee tested(options, 3);
  const Trainee untested(options, 3);
  for (int epoch = 0; epoch < 3; ++epoch) {
    tested.test(sample(300));
    EXPECT_EQ(tested.train_epoch(), untested.train_epoch());
    tested.test(sample(300));
  }
  test::expect_equal(copy_parameters(*tested.model), copy_parameters(*untested.model));
  test::expect_equal(tested.engine->velocities(), untested.engine->velocities());
}

}  // namespace
}  // namespace mnist
