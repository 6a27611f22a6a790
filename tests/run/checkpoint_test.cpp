#include "run/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include "mnist_train/error.h"
#include "mnist_train/model_file.h"
#include "support.h"

namespace mnist {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Mlp small_model() {
  torch::manual_seed(1);
  return Mlp(std::vector<std::int64_t>{3, 2});
}

TEST(CheckpointFile, KeepsTheStateExactly) {
  const Mlp model = small_model();
  TrainingState state;
  state.epochs = 7;
  state.loss = 0.1;
  state.parameters = copy_parameters(*model);
  for (const torch::Tensor& parameter : state.parameters) {
    state.velocities.push_back(torch::rand_like(parameter));
  }
  state.best = BestEpoch{4, 1.0 / 3, state.velocities};
  const test::TempDir dir;
  test::write_file(dir / "file",
                   encode_safetensors(checkpoint_file(*model, state, {{"--lr", "0.5"}})));
  const TensorFile file = read_checkpoint_file(dir / "file");
  EXPECT_EQ(file.metadata.at("--lr"), "0.5");
  const TrainingState again = state_from(file, *model, "file");
  EXPECT_EQ(again.epochs, 7);
  EXPECT_EQ(again.loss, 0.1);
  EXPECT_EQ(again.best->epoch, 4);
  EXPECT_EQ(again.best->loss, 1.0 / 3);
  for (std::size_t i = 0; i < state.parameters.size(); ++i) {
    EXPECT_TRUE(torch::equal(again.parameters[i], state.parameters[i]));
    EXPECT_TRUE(torch::equal(again.velocities[i], state.velocities[i]));
    EXPECT_TRUE(torch::equal(again.best->parameters[i], state.velocities[i]));
  }
}

TEST(ResumeKey, NamesTheFirstDifference) {
  const ResumeKey stored{{"--batch", "20"}, {"--lr", "0.01"}, {"--seed", "1"}};
  check_key(stored, stored, "file");
  ResumeKey other = stored;
  other["--seed"] = "2";
  other.erase("--lr");
  try {
    check_key(stored, other, "file");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("--lr: expected 0.01 as in file, found none; "));
  }
}

TEST(ResumeKey, MustBeTheSameInEachEntry) {
  const ResumeKey key{{"--lr", "0.01"}, {"pixels of --data", "2"}};
  for (const char* entry : {"--threads", "pixels of --data", "labels of --data"}) {
    ResumeKey other = key;
    other[entry] = "3";
    EXPECT_THROW(check_key(key, other, "file"), Error) << entry;
    EXPECT_THROW(check_key(other, key, "file"), Error) << entry;
  }
}

TEST(CheckpointFile, SaysHowToStartAnewIfItCannotBeRead) {
  const test::TempDir dir;
  for (const std::string content : {"", "12345678", "\x1f\x8b"}) {
    test::write_file(dir / "checkpoint", content);
    try {
      read_checkpoint_file(dir / "checkpoint");
      ADD_FAILURE() << content;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kModel);
      EXPECT_THAT(error.what(), AllOf(HasSubstr((dir / "checkpoint").string() + ": expected"),
                                      HasSubstr("; start anew with --overwrite")));
    }
  }
}

TEST(CheckpointFile, IsNamedIfItIsSomethingElse) {
  const test::TempDir dir;
  const auto error_of = [&]() -> std::string {
    try {
      read_checkpoint_file(dir / "checkpoint");
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  write_model(*small_model(), dir / "checkpoint");
  EXPECT_THAT(error_of(), HasSubstr("expected a checkpoint, found other weights; start anew"));
  test::write_file(dir / "checkpoint", std::string("PK\3\4\0\0\0\0", 8) + "archive/data.pkl");
  EXPECT_THAT(error_of(), AllOf(HasSubstr("found a PyTorch file"), HasSubstr("; start anew")));
}

TEST(CheckpointFile, IsRefusedIfItHoldsNoState) {
  const Mlp model = small_model();
  TrainingState state;
  state.parameters = copy_parameters(*model);
  const TensorFile whole = checkpoint_file(*model, state, {});
  const auto expect_refused = [&](const TensorFile& file, const std::string& message) {
    EXPECT_THAT([&] { state_from(file, *model, "file"); },
                testing::ThrowsMessage<Error>(
                    AllOf(HasSubstr("file: " + message), HasSubstr("; start anew"))));
  };
  for (const char* epochs : {"-1", "x", "", "1x", "99999999999999999999"}) {
    TensorFile file = whole;
    file.metadata["epochs"] = epochs;
    expect_refused(file, "epochs: expected a number of epochs");
  }
  for (const char* loss : {"x", "", "0x1p", "inf", "nan"}) {
    TensorFile file = whole;
    file.metadata["loss"] = loss;
    expect_refused(file, "loss: expected a number");
  }
  TensorFile bare = whole;
  bare.metadata.clear();  // what a model's file has is not enough
  expect_refused(bare, "expected metadata 'epochs'");
  TensorFile more = whole;
  more.tensors.insert("surplus", torch::ones(1));
  expect_refused(more, "expected 6 tensors, found 7");
  TensorFile less = whole;
  less.tensors.erase("fc2.bias");
  expect_refused(less, "expected a tensor fc2.bias [2]");
  TensorFile other = whole;
  other.tensors["fc2.bias"] = torch::ones(3);
  expect_refused(other, "expected a tensor fc2.bias [2]");
  TensorFile half = whole;
  half.tensors.insert("velocity.fc1.weight", torch::ones({3, 784}));
  expect_refused(half, "expected a tensor velocity.fc1.bias [3]");
}

}  // namespace
}  // namespace mnist
