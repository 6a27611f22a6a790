// Runs the built program with --out, and does to it what happens to programs.

#include <set>

#include "cli/parse.h"
#include "program/runs.h"
#include "run/directory.h"

namespace mnist {
namespace {

using nlohmann::json;
using test::Outcome;
using test::read_file;

TEST(Run, ThatWasStoppedAndResumedHasTheBytesOfOneThatWasNot) {
  const std::vector<Arguments> cases{
      {"--engine", "sparse", "--shuffle", "--momentum", "0.9"},
      {"--engine", "sparse", "--threads", "2", "--weight-decay", "0.01"},
      {"--engine", "autograd", "--shuffle", "--momentum", "0.9"},
      {"--engine", "autograd", "--lr-schedule", "cosine"},
      {"--augment", "elastic", "--shuffle", "--lr-schedule", "linear", "--warmup", "2"},
      {"--augment", "affine", "--threads", "2", "--momentum", "0.5", "--lr-schedule", "cosine"},
      {"--augment", "shift", "--engine", "autograd", "--label-smoothing", "0.1"},
      {"--validation", "200", "--patience", "2", "--lr", "0.3"}};
  for (const Arguments& options : cases) {
    SCOPED_TRACE(testing::PrintToString(options));
    const test::TempDir dir;
    const Arguments all = options + Arguments{"--epochs", "6"};
    expect_done(run_here(dir / "whole", all));
    for (int i = 0; i < 3; ++i) {
      run_here(dir / "parts", all + Arguments{"--resume", "--max-time", "0"});
      EXPECT_EQ(epochs_in(dir / "parts"), i + 1);
      fs::remove(dir / "parts/result.json");  // as if it had been killed after the epoch
    }
    expect_done(run_here(dir / "parts", all + Arguments{"--resume"}));
    for (const char* file : {"model.safetensors", "checkpoint.safetensors", "predictions.csv"}) {
      EXPECT_EQ(read_file(dir / "parts" / file), read_file(dir / "whole" / file)) << file;
    }
    EXPECT_EQ(epochs_in(dir / "parts"), epochs_in(dir / "whole"));
    EXPECT_EQ(result_of(dir / "parts")["test"], result_of(dir / "whole")["test"]);
  }
}

TEST(Run, IsResumedWithTheSameOptionsAndImagesOnly) {
  const test::TempDir dir;
  const fs::path data = dir / "data";
  test::write_data_set(data, 100, 10);
  const auto resume = [&](const Arguments& options) {
    return run(dir / "run", Arguments{"--data", data.string(), "--epochs", "3", "--lr-schedule",
                                      "cosine", "--resume"} +
                                options);
  };
  expect_done(resume({"--max-time", "0"}));
  fs::remove(dir / "run/result.json");
  const auto expect_refused = [&](const Arguments& options, const std::string& message) {
    const Outcome outcome = resume(options);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("mnist-train: error: " + message));
  };
  expect_refused({"--epochs", "4"}, "epochs of --lr-schedule: expected 3");
  std::string images = read_file(data / "train-images-idx3-ubyte");
  images.back() = '\1';
  test::write_file(data / "train-images-idx3-ubyte", images);
  expect_refused({}, "contents of --data: expected ");
}

TEST(Run, NeedsNoTestImagesIfSomeAreHeldOut) {
  const test::TempDir dir;
  test::write_data_set(dir / "data", 100, 10);
  fs::remove(dir / "data/t10k-images-idx3-ubyte");
  const Arguments options{"--data", (dir / "data").string(), "--epochs=2", "--validation=20"};
  const Outcome minimum = run(dir / "run", options + Arguments{"--min-accuracy", "90"});
  EXPECT_EQ(minimum.exit_code, 2);
  EXPECT_THAT(minimum.err, HasSubstr("--min-accuracy: expected a test set"));

  const Outcome outcome = run(dir / "run", options + Arguments{"--resume"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("no test set; the result is that of the validation set"));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("\n\nvalidation loss "), HasSubstr("of 20, 95 %")));
  EXPECT_TRUE(result_of(dir / "run")["test"].is_null());
  EXPECT_EQ(result_of(dir / "run")["data"]["test"], 0);
}

TEST(Run, IsRepeatedByItsConfigWhateverDirectoryTheEnvironmentNames) {
  const test::TempDir dir;
  test::write_data_set(dir / "set", 40, 10);
  const test::Environment directory("MNIST_DATA_DIR", (dir / "set").c_str());
  const Arguments options{"--recipe=quick", "--epochs=2",     "--validation=9",
                          "--patience=2",   "--max-time=1h",  "--augment=elastic",
                          "--hidden=64,7",  "--weight-decay", "1e-05"};
  expect_done(test::run_program(options + Arguments{"--out", (dir / "one").string()}));
  const test::Environment other("MNIST_DATA_DIR", "/nonexistent");
  expect_done(test::run_program(
      {"--config", (dir / "one/config.toml").string(), "--out", (dir / "two").string()}));
  EXPECT_EQ(model_of(dir / "two"), model_of(dir / "one"));
  EXPECT_EQ(read_file(dir / "two/config.toml"), read_file(dir / "one/config.toml"));

  const Arguments with_data = options + Arguments{"--data", (dir / "set").string()};
  const std::string config = to_toml(settings(parse_command_line(with_data).options));
  EXPECT_EQ(read_file(dir / "one/config.toml"), config);
  const RunRecord run = read_run(dir / "one");
  EXPECT_EQ(to_toml(run.config), config);  // in the same order
  EXPECT_EQ(run.recipe, "quick");
  EXPECT_THAT(read_file(dir / "one/report.html"), HasSubstr("<dt>recipe</dt><dd>quick</dd>"));
}

TEST(Run, LeavesAModelThatNumPyReads) {
  const test::TempDir dir;
  expect_done(run(dir / "run", {"--epochs", "5", "--lr", "0.1", "--hidden", "64,33"}));
  const Outcome outcome =
      test::run_python("tests/read_model.py", {dir / "run/model.safetensors", test::sample_dir()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json theirs = json::parse(outcome.out);
  const json ours = result_of(dir / "run")["test"];
  EXPECT_EQ(theirs["confusion"], ours["confusion"]);
  EXPECT_NEAR(theirs["loss"], ours["loss"], 1e-6 * ours["loss"].get<double>());
}

TEST(Run, IsOnlyShownIfItIsCompletedEvenIfItsDataIsGone) {
  const test::TempDir dir;
  test::write_data_set(dir / "set", 40, 10);
  const Arguments options{"--epochs=2", "--json", "--data", (dir / "set").string()};
  const Outcome first = run(dir / "run", options);
  expect_done(first);
  for (const char* option : {"--skip-if-done", "--resume"}) {
    EXPECT_EQ(run(dir / "run", options + Arguments{option, "--lr=0.02"}).exit_code, 2);
  }
  fs::remove_all(dir / "set");
  for (const char* option : {"--skip-if-done", "--resume"}) {
    EXPECT_EQ(run(dir / "run", options + Arguments{option}).out, first.out);  // the times too
  }
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

TEST(Run, PrintsOneLineOfJson) {
  const std::vector<std::tuple<Arguments, int, std::string>> cases{
      {{"--epochs", "1"}, 0, "completed"},
      {{"--epochs", "1", "--min-accuracy", "99"}, 6, "below-min-accuracy"},
      {{"--epochs", "3", "--lr", "1e6"}, 4, "diverged"},
      {{"--epochs", "1", "--batch", "1000", "--lr", "1e38"}, 4, "diverged"},  // in the last step
      {{"--epochs=9", "--batch=800", "--lr=1e38", "--validation=200"}, 4, "diverged"},
      {{"--epochs", "1000000", "--max-time", "0.02"}, 0, "completed"}};
  for (const auto& [options, exit_code, status] : cases) {
    const test::TempDir dir;
    const Outcome outcome = run(dir / "run", options + Arguments{"--json"});
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    EXPECT_EQ(lines_of(outcome.out).size(), 1);
    EXPECT_EQ(read_file(dir / "run/result.json"), outcome.out);
    json result = json::parse(outcome.out);
    EXPECT_EQ(result["schema"], "mnist-train/1");
    EXPECT_EQ(result["status"], status);
    EXPECT_EQ(result["data"]["test"], 500);  // tested or not
    for (const char* file : {"predictions.csv", "model.safetensors"}) {
      EXPECT_EQ(fs::exists(dir / "run" / file), status != "diverged") << file;
    }
    EXPECT_EQ(result["test"].is_null(), status == "diverged");
    if (status == "diverged") {
      EXPECT_THAT(outcome.err, HasSubstr("diverged in epoch 1 of "));
    }
  }
}

TEST(Run, KeepsTheLastCheckpointWhenTheDiskIsFull) {
  const test::TempDir dir;
  expect_done(run(dir / "run", {"--epochs", "1"}));
  const std::string before = read_file(dir / "run/checkpoint.safetensors");
  const std::string command =
      "ulimit -f 1000; exec \"$0\" \"$@\"";  // half a mebibyte, less than it needs
  const Outcome outcome = test::run(Arguments{"sh", "-c", command, MNIST_TRAIN_PROGRAM} +
                                    into(dir / "run", {"--epochs", "2", "--resume"}));
  EXPECT_EQ(outcome.exit_code, 7) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("checkpoint.safetensors: could not be written"));
  EXPECT_EQ(read_file(dir / "run/checkpoint.safetensors"), before);
  expect_done(run(dir / "run", {"--epochs", "2", "--resume"}));
}

// AllOptions in all_options_test.cpp says which options decide the weights. This is the proof for
// those whose effect does not depend on the processor.
TEST(OptionEffects, TrainsOtherWeightsWithTheOptionsThatDecideThem) {
  std::set<std::string> seen;
  for (const char* options : {"",
                              "--train-limit=199",
                              "--validation=10",
                              "--batch=19",
                              "--lr=0.02",
                              "--momentum=0.5",
                              "--weight-decay=0.1",
                              "--hidden=255,256",
                              "--seed=2",
                              "--shuffle",
                              "--lr-schedule=linear",
                              "--lr-schedule=cosine",
                              "--warmup=0.5",
                              "--label-smoothing=0.1",
                              "--augment=shift",
                              "--augment=shift --translate=1",
                              "--augment=affine",
                              "--augment=elastic",
                              "--augment=elastic --translate=2",
                              "--augment=elastic --degrees=11",
                              "--augment=elastic --scale=0.2",
                              "--augment=elastic --shear=6",
                              "--augment=elastic --stroke=0.5",
                              "--augment=elastic --alpha=18",
                              "--augment=elastic --sigma=5"}) {
    const test::TempDir dir;
    const Arguments small{"--train-limit=200", "--test-limit=100", "--epochs=1"};
    expect_done(run_here(dir / "run", small + words(options)));
    EXPECT_TRUE(seen.insert(model_of(dir / "run")).second) << options;
  }
}

}  // namespace
}  // namespace mnist
