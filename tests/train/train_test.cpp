// The library's training.

#include "mnist_train/train.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "mnist_train/error.h"
#include "train/training.h"

namespace mnist {
namespace {

class TrainModel : public testing::Test {
 protected:
  TrainModel() {
    options_.hidden = {32};
    options_.epochs = 3;
    options_.lr = 0.1;
    options_.shuffle = true;
    const Dataset all = test::sample(400);
    data_.train = all.slice(0, 200);
    data_.validation = all.slice(200, 400);
  }

  /// A new network, the same one each time.
  Mlp make_model() const {
    torch::manual_seed(1);
    return Mlp(options_.hidden);
  }

  std::vector<double> losses(bool is_evaluated = false) const {
    const Mlp model = make_model();
    std::vector<double> result;
    const auto on_epoch = [&](const EpochResult& epoch) {
      if (is_evaluated) evaluate(model, data_.train);
      result.push_back(epoch.train_loss);
      return true;
    };
    train(model, data_, options_, {}, {.on_epoch = on_epoch});
    return result;
  }

  TrainingOptions options_;
  DataSplits data_;
};

TEST_F(TrainModel, GivesTheWeightsOfTheEnginesEpochs) {
  for (const EngineKind kind : {EngineKind::kSparse, EngineKind::kAutograd}) {
    const Mlp expected = make_model();
    const auto engine = test::engine_of(kind, expected, data_.train, options_);
    double loss = 0.0;
    for (std::int64_t epoch = 1; epoch <= 3; ++epoch) {
      const torch::Tensor order = epoch_order(data_.train.size(), options_.seed, epoch);
      loss = engine->train_epoch(epoch, order, test::go_on).value();
    }
    const Mlp model = make_model();
    const TrainingResult result = train(model, data_, options_, {.engine = kind});
    test::expect_equal(copy_parameters(*model), copy_parameters(*expected));
    EXPECT_EQ(result.stop, Stop::kEpochs);
    EXPECT_EQ(result.epochs, 3);
    EXPECT_EQ(result.train_loss, loss);
    EXPECT_NEAR(result.validation.value().loss, evaluate(model, data_.validation).loss, 1e-6);
  }
}

TEST_F(TrainModel, DependsOnTheSeedAndNotOnEvaluating) {
  const std::vector<double> expected = losses();
  EXPECT_LT(expected.back(), expected.front());
  EXPECT_EQ(losses(true), expected);
  options_.seed = 2;
  EXPECT_NE(losses(), expected);
}

TEST_F(TrainModel, EndsWhenTheCallbackSaysSo) {
  const auto stop = [](const EpochResult& epoch) { return epoch.epoch < 2; };
  const auto result = train(make_model(), data_, options_, {}, {.on_epoch = stop});
  EXPECT_EQ(result.stop, Stop::kAsked);
  EXPECT_EQ(result.epochs, 2);
  const auto fail = [](const EpochResult&) -> bool { throw std::runtime_error("enough"); };
  EXPECT_THROW(train(make_model(), data_, options_, {}, {.on_epoch = fail}), std::runtime_error);
}

TEST_F(TrainModel, KeepsTheBestEpochWithPatience) {
  options_.epochs = 100;
  options_.patience = 3;
  options_.lr = 0.3;  // overfits
  std::vector<double> losses;
  const Mlp model = make_model();
  const auto on_epoch = [&](const EpochResult& epoch) {
    losses.push_back(epoch.validation_loss.value());
    return true;
  };
  const auto result = train(model, data_, options_, {}, {.on_epoch = on_epoch});
  EXPECT_EQ(result.stop, Stop::kPatience);
  const auto best = std::min_element(losses.begin(), losses.end());
  EXPECT_EQ(losses.end() - best, 1 + 3);
  EXPECT_EQ(result.validation.value().loss, *best);
  EXPECT_NEAR(evaluate(model, data_.validation).loss, *best, 1e-6);
}

TEST_F(TrainModel, KeepsTheWeightsFromBeforeItDiverged) {
  options_.lr = 1e20;
  const Mlp model = make_model();
  const auto result = train(model, data_, options_);
  EXPECT_EQ(result.stop, Stop::kDiverged);
  EXPECT_EQ(result.epochs, 0);
  test::expect_equal(copy_parameters(*model), copy_parameters(*make_model()));
  EXPECT_NEAR(result.validation.value().loss, evaluate(model, data_.validation).loss, 1e-6);
}

TEST_F(TrainModel, RefusesPatienceWithoutAValidationSet) {
  options_.patience = 1;
  EXPECT_THROW(train(make_model(), {.train = data_.train}, options_), Error);
}

}  // namespace
}  // namespace mnist
