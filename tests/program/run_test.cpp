// Runs the built program with --out, and does to it what happens to programs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "program/runs.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Outcome;
using test::read_file;
using testing::AllOf;
using testing::HasSubstr;

// The rates depend on the number of epochs, so three of six are those that a run stopped after.
TEST(Run, WithAFallingRateIsResumedWhereItWasStopped) {
  const test::TempDir dir;
  const Arguments options{"--epochs", "6", "--momentum", "0.5", "--augment", "elastic"};
  for (const auto& [schedule, threads] :
       std::vector<std::pair<std::string, std::string>>{{"linear", "1"}, {"cosine", "2"}}) {
    SCOPED_TRACE(schedule);
    const Arguments all =
        options + Arguments{"--lr-schedule", schedule, "--threads", threads, "--warmup", "1"};
    expect_done(run_here(dir / (schedule + "-whole"), all));
    const fs::path parts = dir / (schedule + "-parts");
    for (int i = 0; i < 6; ++i) {
      fs::remove(parts / "result.json");  // as if it had been killed after the epoch
      run_here(parts, all + Arguments{"--max-time", "0", "--resume"});
    }
    EXPECT_EQ(result_of(parts)["epochs"], 6);
    EXPECT_TRUE(model_of(parts) == model_of(dir / (schedule + "-whole")));
  }
}

TEST(Run, WithAFallingRateIsNotResumedWithAnotherNumberOfEpochs) {
  const test::TempDir dir;
  const Arguments options{"--lr-schedule", "cosine", "--max-time", "0"};
  run(dir / "run", options + Arguments{"--epochs", "4"});
  fs::remove(dir / "run/result.json");
  const Outcome outcome = run(dir / "run", options + Arguments{"--epochs", "5", "--resume"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("epochs of --lr-schedule: expected 4"));
}

TEST(Run, OfSixEpochsIsThatOfThreeAndThree) {
  const std::vector<Arguments> cases{
      {"--engine", "sparse", "--shuffle", "--momentum", "0.9"},
      {"--engine", "sparse", "--threads", "2", "--weight-decay", "0.01"},
      {"--engine", "autograd", "--shuffle", "--momentum", "0.9"},
      {"--engine", "autograd"},
      {"--augment", "elastic", "--shuffle", "--lr", "0.05"},
      {"--augment", "affine", "--threads", "2", "--momentum", "0.5", "--warmup", "2"},
      {"--augment", "shift", "--engine", "autograd", "--label-smoothing", "0.1"},
      {"--validation", "200", "--patience", "2", "--lr", "0.3"}};
  for (const Arguments& options : cases) {
    SCOPED_TRACE(testing::PrintToString(options));
    const test::TempDir dir;
    expect_done(run_here(dir / "whole", options + Arguments{"--epochs", "6"}));
    expect_done(run_here(dir / "parts", options + Arguments{"--epochs", "3", "--resume"}));
    EXPECT_NE(model_of(dir / "parts"), model_of(dir / "whole"));
    expect_done(run_here(dir / "parts", options + Arguments{"--epochs", "6", "--resume"}));
    EXPECT_EQ(model_of(dir / "parts"), model_of(dir / "whole"));
    EXPECT_EQ(read_file(dir / "parts/checkpoint.safetensors"),
              read_file(dir / "whole/checkpoint.safetensors"));
    EXPECT_EQ(epochs_in(read_file(dir / "parts/metrics.jsonl")),
              epochs_in(read_file(dir / "whole/metrics.jsonl")));
    EXPECT_EQ(result_of(dir / "parts")["test"], result_of(dir / "whole")["test"]);
    EXPECT_EQ(read_file(dir / "parts/predictions.csv"), read_file(dir / "whole/predictions.csv"));
    EXPECT_EQ(epochs_in(read_file(dir / "parts/predictions.csv")), 501);  // with the header
  }
}

TEST(Run, IsResumedWithTheSameOptionsOnly) {
  const test::TempDir dir;
  expect_done(run(dir / "run", {"--epochs", "2"}));
  const std::vector<std::pair<Arguments, std::string>> cases{
      {{"--lr", "0.02"}, "--lr: expected 0.01 as in "},
      {{"--batch", "10"}, "--batch: expected 20"},
      {{"--engine", "autograd"}, "--engine: expected sparse"},
      {{"--train-limit", "500"}, "--train-limit: expected none"},
      {{"--epochs", "1"}, "--epochs: expected at least 2"}};
  for (const auto& [options, message] : cases) {
    const Outcome outcome = run(dir / "run", Arguments{"--resume"} + options);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("mnist-train: error: " + message));
  }
  const test::TempDir data;
  test::write_data_set(data / "other", 1000, 10);
  EXPECT_THAT(run(dir / "run", {"--resume", "--data", (data / "other").string()}).err,
              HasSubstr("contents of --data: expected "));
}

TEST(Run, NeedsNoTestImagesIfSomeAreHeldOut) {
  const test::TempDir dir;
  const fs::path data = dir / "data";
  test::write_data_set(data, 100, 10);
  fs::rename(data / "t10k-images-idx3-ubyte", data / "test-images-idx3-ubyte");
  const Arguments options{"--data", data.string(), "--epochs", "2"};
  const Arguments held_out = options + Arguments{"--validation", "20"};
  EXPECT_EQ(run(dir / "run", options).exit_code, 3);
  const Outcome minimum = run(dir / "run", held_out + Arguments{"--min-accuracy", "90"});
  EXPECT_EQ(minimum.exit_code, 2);
  EXPECT_THAT(minimum.err, HasSubstr("--min-accuracy: expected a test set"));

  const Outcome outcome = run(dir / "run", held_out + Arguments{"--resume"});
  expect_done(outcome);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("\n\nvalidation loss "), HasSubstr("of 20, 95 %")));
  EXPECT_THAT(
      outcome.err,
      HasSubstr(data.string() + ": no test set (t10k-images-idx3-ubyte not found); the result is"));
  const json result = result_of(dir / "run");
  EXPECT_EQ(result["schema"], "mnist-train/1");
  EXPECT_EQ(result["status"], "completed");
  EXPECT_TRUE(result["test"].is_null());
  EXPECT_EQ(result["data"]["test"], 0);
  EXPECT_FALSE(result["data"].contains("test_fingerprint"));
  EXPECT_EQ(result["validation"]["total"], 20);
  EXPECT_TRUE(fs::exists(dir / "run/model.safetensors"));
  EXPECT_THAT(read_file(dir / "run/report.html"), HasSubstr("the data has no test images"));

  const Outcome again = run(dir / "run", held_out + Arguments{"--resume"});
  EXPECT_THAT(again.out, HasSubstr("validation loss "));
  expect_done(test::run_program({"report", (dir / "run").string()}));
  EXPECT_EQ(json::parse(run(dir / "other", held_out + Arguments{"--json"}).out)["test"], nullptr);
  EXPECT_EQ(test::run_program({"eval", "--model", (dir / "run").string(), "--data", data.string()})
                .exit_code,
            3);
}

TEST(Run, IsNotResumedFromABrokenCheckpoint) {
  const test::TempDir dir;
  expect_done(run(dir / "run", {"--epochs", "1"}));
  const std::string whole = read_file(dir / "run/checkpoint.safetensors");
  test::write_file(dir / "run/checkpoint.safetensors", whole.substr(0, whole.size() / 2));
  const Outcome outcome = run(dir / "run", {"--epochs", "2", "--resume"});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr((dir / "run/checkpoint.safetensors").string()),
                                 HasSubstr("start anew with --overwrite")));
}

TEST(Run, KeepsTheBestEpochOnTheValidationImages) {
  const test::TempDir dir;
  expect_done(run(dir / "run",
                  {"--epochs", "50", "--lr", "0.3", "--validation", "200", "--patience", "3"}));
  const json result = result_of(dir / "run");
  std::vector<double> losses;
  std::istringstream lines(read_file(dir / "run/metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    losses.push_back(json::parse(line)["validation_loss"]);
  }
  const auto best = std::min_element(losses.begin(), losses.end()) - losses.begin();
  EXPECT_EQ(losses.size(), best + 1 + 3);
  EXPECT_EQ(result["stopped_by"], "patience");
  EXPECT_EQ(result["epochs"], losses.size());
  EXPECT_EQ(result["chosen"], (json{{"by", "validation"}, {"epoch", best + 1}}));
  EXPECT_EQ(result["validation"]["loss"], losses[best]);
  EXPECT_EQ(result["data"]["train"], 800);
  // The model is that of a run which ends there.
  expect_done(run(dir / "short",
                  {"--epochs", std::to_string(best + 1), "--lr", "0.3", "--validation", "200"}));
  EXPECT_EQ(read_file(dir / "run/model.safetensors"), read_file(dir / "short/model.safetensors"));
}

TEST(Run, IsRepeatedByItsConfig) {
  const test::TempDir dir;
  expect_done(run(dir / "one", {"--epochs", "2", "--hidden", "32,16", "--lr", "0.125", "--shuffle",
                                "--momentum", "0.5", "--train-limit", "300"}));
  const std::string config = (dir / "one/config.toml").string();
  expect_done(test::run_program({"--config", config, "--out", (dir / "two").string()}));
  EXPECT_EQ(model_of(dir / "two"), model_of(dir / "one"));
  EXPECT_EQ(read_file(dir / "two/config.toml"), read_file(dir / "one/config.toml"));
}

TEST(Run, IsRepeatedByItsConfigWhateverFolderTheEnvironmentNames) {
  const test::TempDir dir;
  test::write_data_set(dir / "set", 40, 10);
  const test::Environment folder("MNIST_DATA_DIR", (dir / "set").c_str());
  expect_done(test::run_program({"--epochs", "1", "--out", (dir / "one").string()}));
  const test::Environment other("MNIST_DATA_DIR", "/nonexistent");
  expect_done(test::run_program(
      {"--config", (dir / "one/config.toml").string(), "--out", (dir / "two").string()}));
  EXPECT_EQ(model_of(dir / "two"), model_of(dir / "one"));
}

TEST(Run, LeavesAModelThatNumPyReads) {
  const test::TempDir dir;
  expect_done(run(dir / "run", {"--epochs", "5", "--lr", "0.1", "--hidden", "64,33"}));
  const fs::path script = fs::path(MNIST_TRAIN_SOURCE_DIR) / "tests" / "read_model.py";
  const Outcome outcome =
      test::run({MNIST_TRAIN_PYTHON, script.string(), (dir / "run/model.safetensors").string(),
                 test::sample_dir().string()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json theirs = json::parse(outcome.out);
  const json ours = result_of(dir / "run")["test"];
  EXPECT_EQ(theirs["confusion"], ours["confusion"]);
  EXPECT_NEAR(theirs["loss"], ours["loss"], 1e-6 * ours["loss"].get<double>());
}

TEST(Run, IsSkippedIfItIsDone) {
  const test::TempDir dir;
  const Arguments options{"--epochs", "2", "--skip-if-done", "--json"};
  const Outcome first = run(dir / "run", options);
  expect_done(first);
  EXPECT_EQ(run(dir / "run", options).out, first.out);  // the times too, so it was not run again
  EXPECT_EQ(run(dir / "run", options + Arguments{"--lr", "0.02"}).exit_code, 2);
  const Outcome text = run(dir / "run", {"--epochs", "2", "--skip-if-done"});
  expect_done(text);
  EXPECT_THAT(text.out, AllOf(HasSubstr("test loss"), HasSubstr("\naccuracy")));
}

TEST(Run, IsSkippedWithoutItsDataIfItIsDone) {
  const test::TempDir dir;
  test::write_data_set(dir / "set/MNIST/raw", 40, 10);
  const auto run_with = [&](const Arguments& options) {
    return test::run_program(Arguments{"--epochs", "1", "--out", (dir / "run").string()} + options);
  };
  const Arguments data{"--data", (dir / "set").string()};
  expect_done(run_with(data));
  fs::remove_all(dir / "set");
  const test::Environment gone("MNIST_DATA_DIR", (dir / "set").c_str());
  for (const char* option : {"--skip-if-done", "--resume"}) {
    for (const Arguments& named : {data, Arguments{}}) {
      const Outcome outcome = run_with(named + Arguments{option});
      expect_done(outcome);
      EXPECT_THAT(outcome.err, HasSubstr("already completed: " + (dir / "run").string()));
      EXPECT_THAT(outcome.out, HasSubstr("test loss"));
    }
    EXPECT_EQ(run_with({"--data", (dir / "other").string(), option}).exit_code,
              option == std::string("--resume") ? 3 : 2);
  }
}

TEST(Run, IsNotRepeatedWhenItIsResumedAtItsEnd) {
  const test::TempDir dir;
  const Arguments options{"--epochs", "2", "--resume", "--json"};
  const Outcome first = run(dir / "run", options);
  expect_done(first);
  EXPECT_EQ(run(dir / "run", options).out, first.out);
  test::write_data_set(dir / "other", 1000, 10);
  const Outcome other = run(dir / "run", options + Arguments{"--data", (dir / "other").string()});
  EXPECT_EQ(other.exit_code, 2);
}

TEST(Run, IsOverwrittenOnlyWhenAnotherCanBegin) {
  const test::TempDir dir;
  expect_done(run(dir / "run", {"--epochs", "1"}));
  const std::string model = model_of(dir / "run");
  EXPECT_EQ(run(dir / "run", {"--overwrite", "--data", "/nonexistent"}).exit_code, 3);
  EXPECT_EQ(run(dir / "run", {"--overwrite", "--validation", "1000"}).exit_code, 2);
  EXPECT_EQ(model_of(dir / "run"), model);
  expect_done(run(dir / "run", {"--overwrite", "--epochs", "2"}));
  EXPECT_NE(model_of(dir / "run"), model);
}

TEST(Run, DivergesIfTheLastStepDoes) {
  const test::TempDir dir;
  const Outcome outcome =
      run(dir / "run", {"--epochs", "1", "--batch", "1000", "--lr", "1e38", "--json"});
  EXPECT_EQ(outcome.exit_code, 4);
  const json result = json::parse(outcome.out);
  EXPECT_EQ(result["status"], "diverged");
  EXPECT_TRUE(result["test"].is_null() || result["test"]["loss"].is_null());
}

TEST(Run, CountsAnAccuracyThatIsJustReached) {
  const test::TempDir dir;
  expect_done(run(dir / "run", {"--epochs", "5", "--lr", "0.02"}));
  const json test = result_of(dir / "run")["test"];
  const double percent = 100.0 * test["correct"].get<int>() / 500;
  std::ostringstream text;
  text << percent;  // of 500 images: at most one place after the point
  expect_done(run(dir / "again", {"--epochs", "5", "--lr", "0.02", "--min-accuracy", text.str()}));
}

TEST(Run, PrintsOneLineOfJson) {
  const std::vector<std::tuple<Arguments, int, std::string>> cases{
      {{"--epochs", "1"}, 0, "completed"},
      {{"--epochs", "1", "--min-accuracy", "99"}, 6, "below-min-accuracy"},
      {{"--epochs", "3", "--lr", "1e6"}, 4, "diverged"},
      {{"--epochs", "1000000", "--max-time", "0.02"}, 0, "completed"}};
  for (const auto& [options, exit_code, status] : cases) {
    const test::TempDir dir;
    const Outcome outcome = run(dir / "run", options + Arguments{"--json"});
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    EXPECT_EQ(epochs_in(outcome.out), 1);
    const json result = json::parse(outcome.out);
    EXPECT_EQ(result["schema"], "mnist-train/1");
    EXPECT_EQ(result["status"], status);
    EXPECT_EQ(result["test"].is_null(), status == "diverged");
    EXPECT_EQ(result["data"]["test"], 500);  // tested or not
    EXPECT_EQ(read_file(dir / "run/result.json"), outcome.out);
    EXPECT_EQ(fs::exists(dir / "run/predictions.csv"), status != "diverged");
    if (status == "diverged") continue;
    EXPECT_EQ(result["test"]["total"], 500);
    int correct = 0;
    for (int digit = 0; digit < 10; ++digit) {
      correct += result["test"]["confusion"][digit][digit].get<int>();
    }
    EXPECT_EQ(result["test"]["correct"], correct);
  }
}

TEST(Run, KeepsTheLastCheckpointWhenTheDiskIsFull) {
  const test::TempDir dir;
  expect_done(run(dir / "run", {"--epochs", "1"}));
  const std::string before = read_file(dir / "run/checkpoint.safetensors");
  std::string command =
      "ulimit -f 1000; exec \"$0\" \"$@\"";  // half a mebibyte, less than it needs
  const Outcome outcome = test::run(Arguments{"sh", "-c", command, MNIST_TRAIN_PROGRAM} +
                                    into(dir / "run", {"--epochs", "2", "--resume"}));
  EXPECT_EQ(outcome.exit_code, 7) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("checkpoint.safetensors: could not be written"));
  EXPECT_EQ(read_file(dir / "run/checkpoint.safetensors"), before);
  expect_done(run(dir / "run", {"--epochs", "2", "--resume"}));
}

}  // namespace
}  // namespace mnist
