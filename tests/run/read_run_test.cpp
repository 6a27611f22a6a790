#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/folder.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

fs::path sample() { return fs::path(MNIST_TRAIN_SOURCE_DIR) / "tests/expected/run"; }

std::string error_of_reading(const fs::path& dir) {
  return test::error_of(ErrorKind::kModel, [&] { read_run(dir); });
}

TEST(ReadRun, NamesARunAfterItsDirectoryHoweverThatIsGiven) {
  EXPECT_EQ(read_run(sample() / "").name, "run");
  EXPECT_EQ(read_run(sample() / ".").name, "run");
  EXPECT_EQ(read_run(sample() / ".." / "run").name, "run");
}

TEST(ReadRun, NeedsAResult) {
  const test::TempDir dir;
  EXPECT_THAT(error_of_reading(dir.path()),
              AllOf(HasSubstr((dir / "result.json").string()), HasSubstr("No such file")));
  test::write_file(dir / "checkpoint.safetensors", "");
  EXPECT_THAT(error_of_reading(dir.path()), HasSubstr("has not ended; continue with --resume"));
}

TEST(ReadRun, NeedsNoEpochs) {
  const test::TempDir dir;
  fs::copy_file(sample() / "result.json", dir / "result.json");
  EXPECT_THAT(read_run(dir.path()).history, IsEmpty());
  test::write_file(dir / "metrics.jsonl", "");
  EXPECT_THAT(read_run(dir.path()).history, IsEmpty());
  test::write_file(dir / "metrics.jsonl", "{\n");
  EXPECT_THAT(error_of_reading(dir.path()), HasSubstr("metrics.jsonl: line 1: not JSON"));
}

/// A run that predicted a 7 for a 7 and a 5 for a 3, with this predictions.csv.
RunRecord read_with(const std::string& csv) {
  const test::TempDir dir;
  RunRecord run;
  run.status = kStatusCompleted;
  run.test = Evaluation{0.5, {}};
  run.test->confusion.counts[7][7] = run.test->confusion.counts[3][5] = 1;
  test::write_file(dir / "result.json", to_json(run));
  test::write_file(dir / "predictions.csv", csv);
  return read_run(dir.path());
}

const std::string kHeaderLine = "position,label,prediction,probability\n";

TEST(ReadRun, ReadsThePredictionsThatTheResultCounts) {
  const RunRecord run = read_with(kHeaderLine + "0,7,7,0.998700\n1,3,5,0.601942\n");
  EXPECT_THAT(run.predictions, SizeIs(2));
  EXPECT_THAT(read_run(sample()).predictions, IsEmpty());  // there is no such file
}

TEST(ReadRun, RefusesOtherPredictions) {
  const auto error = [](const std::string& csv) {
    return test::error_of(ErrorKind::kModel, [&] { read_with(csv); });
  };
  for (const char* lines : {"0,7,7,0.998700\n", "0,7,7,0.998700\n1,5,5,0.601942\n", ""}) {
    EXPECT_THAT(error(kHeaderLine + lines),
                HasSubstr("predictions.csv: not the predictions that result.json counts"));
  }
  EXPECT_THAT(error("x"), HasSubstr("predictions.csv: line 1: expected"));
}

TEST(CompletedRun, IsThatOfTheSameOptions) {
  const RunRecord run = read_run(sample());
  const std::string line = test::read_file(sample() / "result.json");
  EXPECT_EQ(to_json(completed_run(sample(), run.config).value()) + "\n", line);
  std::vector<Setting> config = run.config;
  config.at(5).value = "1e-2";  // another way to write 0.01
  EXPECT_TRUE(completed_run(sample(), config).has_value());
  config.at(5).value = "0.02";
  EXPECT_FALSE(completed_run(sample(), config).has_value());
  config = run.config;
  config.pop_back();
  EXPECT_FALSE(completed_run(sample(), config).has_value());
}

TEST(CompletedRun, IsThatOfTheSameData) {  // /data/<mnist>
  for (const auto& [dir, is_same] : {std::pair{"/data/<mnist>", true},
                                     {"/data", true},
                                     {"/other", false},
                                     {"/dat", false},
                                     {"/data/<mnist>/raw", false}}) {
    std::vector<Setting> config = read_run(sample()).config;
    config.push_back({"data", fmt::format("\"{}\"", dir)});
    EXPECT_EQ(completed_run(sample(), config).has_value(), is_same) << dir;
  }
}

TEST(CompletedRun, IsNoneIfTheRunWasNotCompleted) {
  const test::TempDir dir;
  RunRecord run = read_run(sample());
  for (const char* status : {"interrupted", "below-min-accuracy", "diverged"}) {
    run.status = status;
    test::write_file(dir / "result.json", to_json(run) + "\n");
    EXPECT_FALSE(completed_run(dir.path(), run.config).has_value()) << status;
  }
  test::write_file(dir / "result.json", "{");
  EXPECT_FALSE(completed_run(dir.path(), run.config).has_value());
}

}  // namespace
}  // namespace mnist
