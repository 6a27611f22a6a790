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
  const TensorFile file = decode_safetensors(
      encode_safetensors(checkpoint_file(*model, state, {{"--lr", "0.5"}})), {"file"});
  EXPECT_EQ(file.metadata.at("--lr"), "0.5");
  const TrainingState again = state_from(file, *model);
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
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("--lr: expected 0.01 as in file, found none; "));
  }
}

TEST(ResumeKey, NoticesOtherImagesWhereTheCheckpointHasKeptThem) {
  const ResumeKey stored{{"labels of --data", "1"}, {"pixels of --data", "2"}};
  ResumeKey other = stored;
  other["pixels of --data"] = "3";
  EXPECT_THROW(check_key(stored, other, "file"), Error);
  check_key({{"labels of --data", "1"}}, other, "file");  // a checkpoint of version 1.0.0
}

TEST(CheckpointFile, SaysHowToStartAnewIfItCannotBeRead) {
  const test::TempDir dir;
  for (const std::string content : {"", "12345678", "\x1f\x8b"}) {
    test::write_file(dir / "checkpoint", content);
    try {
      read_checkpoint_file(dir / "checkpoint");
      ADD_FAILURE() << content;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kModel);
      EXPECT_THAT(error.what(), HasSubstr((dir / "checkpoint").string() + ": expected"));
    }
  }
  test::write_file(dir / "checkpoint", "12345678");
  EXPECT_THAT([&] { read_checkpoint_file(dir / "checkpoint"); },
              testing::ThrowsMessage<Error>(HasSubstr("--overwrite")));
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
  EXPECT_THAT(error_of(), AllOf(HasSubstr("torch.save"), HasSubstr("; start anew")));
}

TEST(CheckpointFile, IsRefusedIfItHoldsNoState) {
  const Mlp model = small_model();
  TrainingState state;
  state.parameters = copy_parameters(*model);
  const TensorFile whole = checkpoint_file(*model, state, {});
  for (const char* epochs : {"-1", "x", "", "1x", "99999999999999999999"}) {
    TensorFile file = whole;
    file.metadata["epochs"] = epochs;
    EXPECT_THROW(state_from(file, *model), Error) << epochs;
  }
  TensorFile bare = whole;
  bare.metadata.clear();  // what a model's file has is not enough
  EXPECT_THROW(state_from(bare, *model), Error);
  TensorFile more = whole;
  more.tensors.push_back({"surplus", {1}, {1.0F}});
  EXPECT_THROW(state_from(more, *model), Error);
}

}  // namespace
}  // namespace mnist
