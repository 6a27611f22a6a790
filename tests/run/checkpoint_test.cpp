#include "run/checkpoint.h"

#include "mnist_train/model.h"
#include "model/safetensors.h"
#include "train/training.h"

namespace mnist {
namespace {

/// A checkpoint of epoch 7 of a small model.
class Checkpoint : public testing::Test {
 protected:
  Checkpoint() {
    torch::manual_seed(1);
    model_ = Mlp(std::vector<std::int64_t>{3, 2});
    state_.epochs = 7;
    state_.loss = 0.1;
    state_.parameters = copy_parameters(*model_);
    write();
  }

  void write() { write_checkpoint(file_, *model_, state_, key_); }

  TrainingState read() const { return read_checkpoint(file_, *model_, options_, key_); }

  std::string error(ErrorKind kind) const {
    return test::error_of(kind, [&] { read(); });
  }

  /// Changes the file, and expects that it is refused.
  template <typename Change>
  void expect_refused(const Change& change, const std::string& message) {
    write();
    TensorFile file = read_safetensors(file_);
    change(file);
    test::write_file(file_, encode_safetensors(file));
    EXPECT_THAT(error(ErrorKind::kModel), StartsWith(file_.string() + ": " + message));
  }

  test::TempDir dir_;
  std::filesystem::path file_ = dir_ / "checkpoint";
  Mlp model_{nullptr};
  TrainingState state_;
  TrainingOptions options_;
  ResumeKey key_{{"--batch", "20"}, {"--lr", "0.01"}, {"pixels of --data", "2"}};
};

TEST_F(Checkpoint, KeepsTheStateExactly) {
  for (const torch::Tensor& parameter : state_.parameters) {
    state_.velocities.push_back(torch::rand_like(parameter));
  }
  state_.best = BestEpoch{4, 1.0 / 3, state_.velocities};
  options_.momentum = 0.5;
  options_.patience = 3;
  write();
  const TrainingState again = read();
  EXPECT_EQ(again.epochs, 7);
  EXPECT_EQ(again.loss, 0.1);
  EXPECT_EQ(again.best->epoch, 4);
  EXPECT_EQ(again.best->loss, 1.0 / 3);
  test::expect_equal(again.parameters, state_.parameters);
  test::expect_equal(again.velocities, state_.velocities);
  test::expect_equal(again.best->parameters, state_.velocities);
}

TEST_F(Checkpoint, IsOfTheSameKey) {
  key_["--seed"] = "2";
  key_["--lr"] = "0.02";
  EXPECT_THAT(error(ErrorKind::kUsage),  // the first difference
              StartsWith("--lr: expected 0.01 as in " + file_.string() + ", found 0.02; "));
  key_["--lr"] = "0.01";
  EXPECT_THAT(error(ErrorKind::kUsage), StartsWith("--seed: expected none as in "));
  key_.erase("--seed");
  key_.erase("pixels of --data");
  EXPECT_THAT(error(ErrorKind::kUsage), HasSubstr(", found none; "));
}

TEST(ResumeKey, HasTheThreadsOfAutogradOnlyAndTheEpochsOfADecay) {
  const Dataset data = test::noise(20);
  TrainingOptions options{.hidden = {4}};
  const auto key = [&](EngineKind kind) {
    const auto engine = test::engine_of(kind, Mlp(options.hidden), data, options, 2);
    return resume_key({{"lr", "0.1"}, {"threads", "2"}, {"epochs", "30"}}, *engine, data, options);
  };
  ResumeKey expected{{"--lr", "0.1"},
                     {"--engine", "sparse"},
                     {"contents of --data", key(EngineKind::kSparse)["contents of --data"]}};
  EXPECT_EQ(key(EngineKind::kSparse), expected);
  expected["--engine"] = "autograd";
  expected["--threads"] = "2";
  options.lr_schedule = LrSchedule::kCosine;
  expected["epochs of --lr-schedule"] = "30";
  EXPECT_EQ(key(EngineKind::kAutograd), expected);
}

TEST_F(Checkpoint, HasNoMoreEpochsThanAreAskedFor) {
  options_.epochs = 6;
  EXPECT_EQ(error(ErrorKind::kUsage),
            "--epochs: expected at least 7, which " + file_.string() + " has, found 6");
}

TEST_F(Checkpoint, IsRefusedIfItHoldsNoState) {
  for (const char* loss : {"x", "", "0x1p", "inf", "nan", "-1"}) {
    expect_refused([&](TensorFile& file) { file.metadata["loss"] = loss; },
                   "expected a checkpoint with loss, found '" + std::string(loss) + "'");
  }
  expect_refused([](TensorFile& file) { file.metadata.clear(); },  // a model file
                 "expected a checkpoint with epochs, found ''");
  expect_refused([](TensorFile& file) { file.tensors.erase("fc2.bias"); },
                 "expected a tensor fc2.bias [2]");
  expect_refused([](TensorFile& file) { file.tensors["fc2.bias"] = torch::ones(3); },
                 "expected a tensor fc2.bias [2]");
  options_.momentum = 0.5;
  expect_refused([](TensorFile&) {}, "expected a tensor velocity.fc1.weight [3,784]");
  options_.momentum = 0;
  options_.patience = 1;
  expect_refused([](TensorFile&) {}, "expected a checkpoint with best_epoch");
}

}  // namespace
}  // namespace mnist
