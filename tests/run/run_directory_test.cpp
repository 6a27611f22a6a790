#include "run/run_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <optional>

#include "base/atomic_file.h"
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

std::string refusal_to_write(const fs::path& file) {
  try {
    write_atomically(file, "new");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kOutput);
    return error.what();
  }
  ADD_FAILURE() << "wrote " << file;
  return "";
}

TEST(WriteAtomically, NamesTheFileThatCouldNotBeWritten) {
  const test::TempDir dir;
  EXPECT_THAT(refusal_to_write(dir / "none/file"),
              HasSubstr((dir / "none/file").string() + ": could not be written: No such file"));
}

TEST(WriteAtomically, ReplacesFilesOnly) {
  const test::TempDir dir;
  fs::create_directory(dir / "folder");
  ASSERT_EQ(mkfifo((dir / "pipe").c_str(), 0600), 0);
  for (const char* name : {"folder", "pipe"}) {
    EXPECT_THAT(refusal_to_write(dir / name), HasSubstr("expected a file")) << name;
    EXPECT_FALSE(fs::is_regular_file(dir / name));
  }
  test::write_file(dir / "target", "old");
  fs::create_symlink("target", dir / "link");
  write_atomically(dir / "link", "new");
  EXPECT_TRUE(fs::is_symlink(dir / "link"));
  EXPECT_EQ(test::read_file(dir / "target"), "new");
}

TEST(ReplaceOwn, LeavesFilesOfOthers) {
  const test::TempDir dir;
  replace_own(dir / "page", "<mark> one", "<mark>", "a page");
  fs::permissions(dir / "page", fs::perms::owner_read | fs::perms::owner_write);
  replace_own(dir / "page", "<mark> two", "<mark>", "a page");
  EXPECT_EQ(test::read_file(dir / "page"), "<mark> two");
  EXPECT_EQ(fs::status(dir / "page").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  test::write_file(dir / "other", "precious");
  test::write_file(dir / ".page.tmp", "precious, too");
  try {
    replace_own(dir / "other", "<mark> three", "<mark>", "a page");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kOutput);
    EXPECT_THAT(error.what(), HasSubstr("expected a page to replace, found another file"));
  }
  EXPECT_EQ(test::read_file(dir / "other"), "precious");
  EXPECT_EQ(test::read_file(dir / ".page.tmp"), "precious, too");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()), 3);
}

TEST(RunDirectory, LeavesAReportOfOthers) {
  const test::TempDir dir;
  test::write_file(dir / "report.html", "precious");
  for (const Existing existing : {Existing::kRefuse, Existing::kResume, Existing::kOverwrite}) {
    const auto error = error_of(dir.path(), existing);
    ASSERT_TRUE(error.has_value());
    EXPECT_THAT(error->what(), HasSubstr("report.html: expected none, or one of an earlier run"));
  }
  EXPECT_EQ(test::read_file(dir / "report.html"), "precious");
  // One of ours is no run: it may be about others.
  test::write_file(dir / "report.html", kReportMark);
  EXPECT_FALSE(error_of(dir.path(), Existing::kRefuse).has_value());
  RunDirectory(dir.path(), Existing::kResume).remove_result();
  EXPECT_FALSE(fs::exists(dir / "report.html"));
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
