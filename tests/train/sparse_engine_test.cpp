#include <pthread.h>

#include <system_error>

#include "mnist_train/train.h"
#include "train/training.h"

namespace mnist {
namespace {

using test::engine_of;
using test::go_on;
using test::sample;

struct Trained {
  std::vector<double> losses;
  std::vector<torch::Tensor> parameters;
  torch::Tensor logits;
};

/// Trains a network, the same one for the same options, by the engine that `kind` names.
Trained train_by(EngineKind kind, const Dataset& data, const TrainingOptions& options,
                 int threads = 1) {
  torch::manual_seed(static_cast<std::uint64_t>(options.seed));
  const Mlp model(options.hidden);
  const auto engine = engine_of(kind, model, data, options, threads);
  Trained result;
  for (std::int64_t epoch = 1; epoch <= options.epochs; ++epoch) {
    result.losses.push_back(engine->train_epoch(epoch, go_on).value());
  }
  result.parameters = copy_parameters(*model);
  // The engine's batches are of 32 images: one, and a part of another, with an image without zeros.
  const torch::Tensor white = torch::full({1, kPixels}, 255, torch::kUInt8);
  result.logits = engine->logits(torch::cat({sample(40).images, white}));
  return result;
}

double largest_difference(const Trained& one, const Trained& other) {
  double largest = 0.0;
  for (std::size_t i = 0; i < one.parameters.size(); ++i) {
    const torch::Tensor difference = (one.parameters[i] - other.parameters[i]).abs().max();
    largest = std::max(largest, difference.item<double>());
  }
  return largest;
}

void expect_the_same_step(const Dataset& data, const TrainingOptions& options, int threads = 1) {
  const Trained sparse = train_by(EngineKind::kSparse, data, options, threads);
  const Trained dense = train_by(EngineKind::kAutograd, data, options);
  EXPECT_LT(largest_difference(sparse, dense), 1e-6);
  EXPECT_NEAR(sparse.losses.back(), dense.losses.back(), 1e-6 * dense.losses.back());
  EXPECT_TRUE(torch::allclose(sparse.logits, dense.logits, 1e-4, 1e-3));
}

/// Images of the sample, some of them perhaps more than once.
Dataset pick(const std::vector<std::int64_t>& positions) {
  const Dataset data = sample(30);
  const torch::Tensor indices = torch::tensor(positions);
  return {data.images.index_select(0, indices), data.labels.index_select(0, indices)};
}

TrainingOptions one_step(std::int64_t batch, std::vector<std::int64_t> hidden) {
  return {.epochs = 1, .batch = batch, .hidden = std::move(hidden)};
}

TEST(SparseEngine, TakesTheStepOfAutogradForAnyShapeAndBatch) {
  for (const auto& hidden :
       std::vector<std::vector<std::int64_t>>{{256, 256}, {}, {1}, {17}, {100, 33, 7}, {300}}) {
    for (const std::int64_t batch : {1, 2, 20, 37, 256}) {
      SCOPED_TRACE(testing::PrintToString(hidden) + ", batch " + std::to_string(batch));
      expect_the_same_step(sample(batch), one_step(batch, hidden));
    }
  }
}

// Of 100 outputs two threads have 64 and 36, of 7 only one has any; three layers exchange deltas
// twice; and batches of 37 are taken in two parts.
TEST(SparseEngine, GivesTheSameForAnyNumberOfThreads) {
  for (const auto& hidden : std::vector<std::vector<std::int64_t>>{
           {256, 256}, {}, {1}, {100, 33, 7}, {300, 20}, {520}}) {
    for (const double momentum : {0.0, 0.9}) {
      TrainingOptions options = one_step(37, hidden);
      options.momentum = momentum;
      options.weight_decay = momentum / 100;
      const Trained alone = train_by(EngineKind::kSparse, sample(300), options);
      for (const int threads : {2, 3, 7}) {
        SCOPED_TRACE(testing::PrintToString(hidden) + ", " + std::to_string(threads) + " threads");
        const Trained together = train_by(EngineKind::kSparse, sample(300), options, threads);
        EXPECT_EQ(together.losses, alone.losses);
        EXPECT_EQ(largest_difference(together, alone), 0.0);
        EXPECT_TRUE(torch::equal(together.logits, alone.logits));
      }
    }
  }
}

/// Has three threads train an epoch of 50 steps with this callback.
std::optional<double> train_by_three_threads(const StepCallback& on_step) {
  TrainingOptions options = one_step(20, {64, 64});
  options.momentum = 0.5;
  const Mlp model(options.hidden);
  const auto engine = engine_of(EngineKind::kSparse, model, sample(1000), options, 3);
  return engine->train_epoch(1, on_step);
}

TEST(SparseEngine, EndsAllThreadsWhenTheCallbackSaysSoOrThrows) {
  for (const std::int64_t last : {20, 60, 1000}) {
    std::vector<std::int64_t> done;
    const auto end = [&](std::int64_t images_done) {
      done.push_back(images_done);
      return images_done != last;
    };
    EXPECT_EQ(train_by_three_threads(end), std::nullopt);
    EXPECT_EQ(done.size(), last / 20);
    EXPECT_EQ(done.back(), last);
    done.clear();
    const auto fail = [&](std::int64_t images_done) {
      if (!end(images_done)) throw Error(ErrorKind::kOutput, "enough");
      return true;
    };
    EXPECT_THROW(train_by_three_threads(fail), Error);
    EXPECT_EQ(done.back(), last);
  }
}

// The default size of a thread's stack is set to more than there is of addresses.
TEST(SparseEngine, FailsIfAThreadCannotBeStarted) {
  pthread_attr_t before;
  ASSERT_EQ(pthread_getattr_default_np(&before), 0);
  pthread_attr_t huge = before;
  ASSERT_EQ(pthread_attr_setstacksize(&huge, std::size_t{1} << 50), 0);
  ASSERT_EQ(pthread_setattr_default_np(&huge), 0);
  EXPECT_THROW(train_by_three_threads(go_on), std::system_error);
  ASSERT_EQ(pthread_setattr_default_np(&before), 0);
  EXPECT_TRUE(train_by_three_threads(go_on).has_value());
}

TEST(SparseEngine, HasTheMomentumAndWeightDecayOfTorch) {
  TrainingOptions options = one_step(20, {64, 32});
  options.momentum = 0.9;
  options.weight_decay = 0.01;
  expect_the_same_step(sample(20), options);
  // Several steps, so that pixels pause and come back: one image a step, and some twice in a row.
  options.batch = 1;
  options.lr = 0.001;
  for (const auto& [momentum, weight_decay] :
       std::vector<std::pair<double, double>>{{0.9, 0.0}, {0.0, 0.1}, {0.9, 0.1}, {1.0, 0.0}}) {
    SCOPED_TRACE(std::to_string(momentum) + " " + std::to_string(weight_decay));
    options.momentum = momentum;
    options.weight_decay = weight_decay;
    expect_the_same_step(pick({3, 3, 7, 1, 29, 12, 7, 7, 0, 5}), options);
  }
}

// Eight rates an epoch, so that pixels pause while the rate changes.
TEST(SparseEngine, HasTheOrderScheduleAndLabelSmoothingOfAutograd) {
  TrainingOptions options = one_step(5, {64, 32});
  options.epochs = 2;
  options.lr = 0.005;
  options.label_smoothing = 0.1;
  options.shuffle = true;
  options.lr_schedule = LrSchedule::kCosine;
  options.warmup = 0.5;
  for (const double momentum : {0.0, 0.9}) {
    options.momentum = momentum;
    options.weight_decay = momentum / 9;
    expect_the_same_step(sample(100), options);
  }
}

TEST(SparseEngine, TrainsOnTheAugmentedImagesOfAutograd) {
  TrainingOptions options = one_step(5, {64, 32});
  options.epochs = 2;
  options.lr = 0.005;
  options.momentum = 0.5;
  for (const Augment kind : {Augment::kShift, Augment::kAffine, Augment::kElastic}) {
    options.augment.kind = kind;
    for (const int threads : {1, 2}) {
      options.shuffle = threads == 2;
      expect_the_same_step(sample(41), options, threads);
    }
  }
}

TEST(SparseEngine, TakesAShortLastBatchDuplicatesAndBlackImages) {
  expect_the_same_step(sample(7), one_step(3, {32}));
  expect_the_same_step(pick({1, 1, 1, 3, 2, 1, 1}), one_step(5, {32}));
  const Dataset black{torch::zeros({6, kPixels}, torch::kUInt8), torch::tensor({1, 2, 3, 4, 5, 6})};
  expect_the_same_step(black, one_step(4, {16, 16}));
}

}  // namespace
}  // namespace mnist
