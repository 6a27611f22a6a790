#include "mnist_train/run_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "mnist_train/atomic_file.h"
#include "mnist_train/error.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// The error of making a run directory, if there is one.
std::optional<Error> error_of(const fs::path& dir, Existing existing) {
  try {
    const RunDirectory directory(dir, existing);
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

TEST(WriteAtomically, ReplacesTheFileAndLeavesNothingElse) {
  const test::TempDir dir;
  write_atomically(dir / "file", "old");
  write_atomically(dir / "file", "new");
  EXPECT_EQ(test::read_file(dir / "file"), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()), 1);
}

TEST(WriteAtomically, NamesTheFileThatCouldNotBeWritten) {
  const test::TempDir dir;
  fs::create_directory(dir / "file");  // which a file cannot replace
  try {
    write_atomically(dir / "file", "new");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kOutput);
    EXPECT_THAT(error.what(), HasSubstr((dir / "file").string() + ": could not be written: "));
  }
  EXPECT_FALSE(fs::exists(dir / ".file.tmp"));
}

TEST(RunDirectory, IsMadeWithItsParents) {
  const test::TempDir dir;
  const RunDirectory directory(dir / "a/b", Existing::kRefuse);
  EXPECT_TRUE(fs::is_directory(dir / "a/b"));
}

TEST(RunDirectory, RefusesOneThatHoldsARun) {
  const test::TempDir dir;
  for (const char* name : {"config.toml", "metrics.jsonl", "result.json", "model.safetensors",
                           "checkpoint.safetensors"}) {
    const fs::path run = dir / name / "run";
    fs::create_directories(run);
    test::write_file(run / name, "x");
    test::write_file(run / "notes.txt", "mine");
    const auto error = error_of(run, Existing::kRefuse);
    ASSERT_TRUE(error.has_value()) << name;
    EXPECT_EQ(error->code(), ExitCode::kUsage);
    EXPECT_THAT(error->what(), HasSubstr("--resume or --overwrite"));
    EXPECT_FALSE(error_of(run, Existing::kResume).has_value());
    EXPECT_TRUE(fs::exists(run / name));
    RunDirectory(run, Existing::kOverwrite).remove_run();
    EXPECT_FALSE(fs::exists(run / name));
    EXPECT_TRUE(fs::exists(run / "notes.txt"));
  }
}

TEST(RunDirectory, IsNeverShared) {
  const test::TempDir dir;
  {
    const RunDirectory directory(dir / "run", Existing::kRefuse);
    const auto error = error_of(dir / "run", Existing::kOverwrite);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->code(), ExitCode::kUsage);
    EXPECT_THAT(error->what(), HasSubstr("in use"));
  }
  EXPECT_FALSE(error_of(dir / "run", Existing::kRefuse).has_value());
}

TEST(RunDirectory, FailsWhereAFileIs) {
  const test::TempDir dir;
  test::write_file(dir / "file", "x");
  const auto error = error_of(dir / "file", Existing::kRefuse);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), ExitCode::kOutput);
}

TEST(RunDirectory, KeepsTheMetricsOfTheEpochsThatCount) {
  const test::TempDir dir;
  {
    RunDirectory directory(dir.path(), Existing::kRefuse);
    for (const char* line : {"one", "two", "three"}) directory.add_metrics(line);
  }
  RunDirectory directory(dir.path(), Existing::kResume);
  directory.keep_metrics(2);
  EXPECT_EQ(test::read_file(dir / "metrics.jsonl"), "one\ntwo\n");
  directory.add_metrics("three");
  EXPECT_EQ(test::read_file(dir / "metrics.jsonl"), "one\ntwo\nthree\n");
}

}  // namespace
}  // namespace mnist
