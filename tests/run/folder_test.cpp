#include "run/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "mnist_train/error.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

OutputOptions into(const fs::path& dir, Existing existing = Existing::kRefuse) {
  OutputOptions output;
  output.dir = dir.string();
  output.existing = existing;
  return output;
}

TrainingOptions small_network() {
  TrainingOptions options;
  options.hidden = {2};
  return options;
}

/// Begins a run of a small network without options.
TrainingState begin(RunFolder& folder) {
  return folder.begin(Mlp(small_network().hidden), small_network(), {}, {});
}

/// Does what the trainer does after an epoch; without the state, the run was killed before it.
void add_epoch(RunFolder& folder, std::int64_t epoch, bool with_state) {
  folder.on_epoch({epoch, 30, 1.0 / static_cast<double>(epoch), 1.0, 100.0});
  if (!with_state) return;
  TrainingState state;
  state.epochs = epoch;
  state.parameters = copy_parameters(*Mlp(small_network().hidden));
  folder.on_state(state);
}

/// The record of a run that took the only test image, a 4, for a 9.
RunRecord answering(const std::string& status) {
  RunRecord run;
  run.status = status;
  run.answers = {{4, 9, 0.75}};
  return run;
}

/// The error of taking a folder for a run, if there is one.
std::optional<Error> error_of(const fs::path& dir, Existing existing) {
  try {
    const RunFolder folder(into(dir, existing));
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

TEST(RunFolder, LeavesAReportOfOthers) {
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
  RunFolder folder(into(dir.path(), Existing::kResume));
  begin(folder);
  EXPECT_FALSE(fs::exists(dir / "report.html"));
  test::write_file(dir / "report.html", "precious");  // put there while the run goes on
  EXPECT_THROW(folder.save_report(kReportMark), Error);
  EXPECT_EQ(test::read_file(dir / "report.html"), "precious");
}

TEST(RunFolder, LeavesPredictionsOfOthers) {
  const test::TempDir dir;
  test::write_file(dir / "predictions.csv", "id,label\n");
  for (const Existing existing : {Existing::kRefuse, Existing::kResume, Existing::kOverwrite}) {
    const auto error = error_of(dir.path(), existing);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->code(), ExitCode::kUsage);
    EXPECT_THAT(error->what(), HasSubstr("predictions.csv: expected none, or one of an earlier"));
  }
  EXPECT_EQ(test::read_file(dir / "predictions.csv"), "id,label\n");
  fs::remove(dir / "predictions.csv");
  RunFolder folder(into(dir.path()));
  RunRecord run = answering("completed");
  const TrainingState state = begin(folder);
  test::write_file(dir / "predictions.csv", "id,label\n");  // put there while the run goes on
  EXPECT_THROW(folder.finish(state, run), Error);
  EXPECT_EQ(test::read_file(dir / "predictions.csv"), "id,label\n");
  EXPECT_FALSE(fs::exists(dir / "result.json"));
}

TEST(RunFolder, KeepsTheAnswersOfWholeRunsOnly) {
  const test::TempDir dir;
  for (const auto& [status, keeps] : {std::pair{"completed", true},
                                      {"interrupted", false},
                                      {"below-min-accuracy", true},
                                      {"diverged", false}}) {
    RunFolder folder(into(dir.path(), Existing::kOverwrite));
    const TrainingState state = begin(folder);
    EXPECT_FALSE(fs::exists(dir / "predictions.csv"));  // that of the run before is gone
    RunRecord run = answering(status);
    folder.finish(state, run);
    EXPECT_EQ(test::read_file(dir / "predictions.csv"),
              keeps ? "position,digit,guess,probability\n0,4,9,0.750000\n" : "")
        << status;
  }
  // Alone, they are the rest of a run, which is not lost, unless that is asked for.
  const fs::path rest = dir / "rest";
  fs::create_directory(rest);
  test::write_file(rest / "predictions.csv", "position,digit,guess,probability\n");
  EXPECT_THAT(error_of(rest, Existing::kRefuse)->what(), HasSubstr("give --overwrite"));
  EXPECT_TRUE(error_of(rest, Existing::kResume).has_value());
  RunFolder folder(into(rest, Existing::kOverwrite));
  begin(folder);
  EXPECT_FALSE(fs::exists(rest / "predictions.csv"));
}

TEST(RunFolder, IsMadeWithItsParents) {
  const test::TempDir dir;
  const RunFolder folder(into(dir / "a/b"));
  EXPECT_TRUE(fs::is_directory(dir / "a/b"));
}

TEST(RunFolder, RefusesOneThatHoldsARun) {
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
    const bool can_go_on =
        name == std::string("checkpoint.safetensors") || name == std::string("metrics.jsonl");
    EXPECT_THAT(error->what(), HasSubstr(can_go_on ? "--resume or --overwrite" : "no checkpoint"));
    EXPECT_EQ(error_of(run, Existing::kResume).has_value(), !can_go_on);
    EXPECT_TRUE(fs::exists(run / name));
    RunFolder folder(into(run, Existing::kOverwrite));
    EXPECT_EQ(test::read_file(run / name), "x");  // until another run begins
    EXPECT_EQ(begin(folder).epochs, 0);
    const bool is_new = name == std::string("config.toml") || name == std::string("metrics.jsonl");
    EXPECT_EQ(fs::exists(run / name), is_new);
    EXPECT_EQ(test::read_file(run / name), "");
    EXPECT_TRUE(fs::exists(run / "notes.txt"));
  }
}

TEST(RunFolder, StartsAgainAfterARunThatWasKilledBeforeItsFirstCheckpoint) {
  const test::TempDir dir;
  for (const char* name : {"config.toml", "metrics.jsonl"}) test::write_file(dir / name, "");
  EXPECT_FALSE(error_of(dir.path(), Existing::kResume).has_value());
  test::write_file(dir / "model.safetensors", "trained before");  // and its checkpoint was deleted
  EXPECT_THAT(error_of(dir.path(), Existing::kResume)->what(), HasSubstr("no checkpoint"));
  EXPECT_EQ(test::read_file(dir / "model.safetensors"), "trained before");
}

TEST(RunFolder, IsNeverShared) {
  const test::TempDir dir;
  {
    const RunFolder folder(into(dir / "run"));
    const auto error = error_of(dir / "run", Existing::kOverwrite);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->code(), ExitCode::kUsage);
    EXPECT_THAT(error->what(), HasSubstr("in use"));
  }
  EXPECT_FALSE(error_of(dir / "run", Existing::kRefuse).has_value());
}

TEST(RunFolder, FailsWhereAFileIs) {
  const test::TempDir dir;
  test::write_file(dir / "file", "x");
  const auto error = error_of(dir / "file", Existing::kRefuse);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), ExitCode::kOutput);
}

TEST(RunFolder, KeepsTheMetricsOfTheEpochsThatCount) {
  const test::TempDir dir;
  const auto lines = [&] {
    const std::string metrics = test::read_file(dir / "metrics.jsonl");
    return std::count(metrics.begin(), metrics.end(), '\n');
  };
  {
    RunFolder folder(into(dir.path()));
    begin(folder);
    add_epoch(folder, 1, true);
    add_epoch(folder, 2, true);
    add_epoch(folder, 3, false);
    EXPECT_EQ(lines(), 3);
  }
  RunFolder folder(into(dir.path(), Existing::kResume));
  const TrainingState state = begin(folder);
  EXPECT_EQ(state.epochs, 2);
  EXPECT_EQ(lines(), 2);
  add_epoch(folder, 3, true);
  EXPECT_EQ(lines(), 3);
  RunRecord run;
  folder.finish(state, run);
  EXPECT_EQ(run.dir.string(), dir.path().string());
  EXPECT_EQ(run.name, dir.path().filename().string());
  ASSERT_EQ(run.history.size(), 3);
  EXPECT_EQ(run.history[1].train_loss, 0.5);
}

TEST(RunFolder, IsNotResumedWithBrokenMetrics) {
  const test::TempDir dir;
  {
    RunFolder folder(into(dir.path()));
    begin(folder);
    add_epoch(folder, 1, true);
  }
  test::write_file(dir / "metrics.jsonl", "{\n");
  test::write_file(dir / "result.json", "{}");
  RunFolder folder(into(dir.path(), Existing::kResume));
  EXPECT_THAT([&] { begin(folder); },
              testing::ThrowsMessage<Error>(HasSubstr("metrics.jsonl: expected a line of JSON for "
                                                      "each epoch, found another; remove")));
  EXPECT_EQ(test::read_file(dir / "result.json"), "{}");  // nothing was changed
  fs::remove(dir / "metrics.jsonl");
  EXPECT_EQ(begin(folder).epochs, 1);
  EXPECT_THAT(folder.caveats(), ElementsAre(HasSubstr("for each of 1 epochs, found 0")));
}

TEST(RunFolder, IsNotTakenForEmptyIfItsCheckpointIsALinkToNothing) {
  const test::TempDir dir;
  fs::create_symlink("/unmounted/checkpoint", dir / "checkpoint.safetensors");
  RunFolder folder(into(dir.path(), Existing::kResume));
  EXPECT_THAT([&] { begin(folder); }, testing::ThrowsMessage<Error>(
                                          HasSubstr("checkpoint.safetensors: cannot be read: No")));
}

TEST(ReadRun, SaysHowToFinishARunThatHasNotEnded) {
  const test::TempDir dir;
  {
    RunFolder folder(into(dir.path()));
    begin(folder);
    add_epoch(folder, 1, true);
  }
  EXPECT_THAT([&] { read_run(dir.path()); },
              testing::ThrowsMessage<Error>(HasSubstr("found only its checkpoint; go on with")));
}

// The checkpoint of version 1.0.0 has no option that has been added since.
TEST(RunFolder, TakesTheDefaultOfAnOptionThatTheCheckpointLacks) {
  const test::TempDir dir;
  {
    RunFolder folder(into(dir.path()));
    begin(folder);
    add_epoch(folder, 1, true);
  }
  const auto resume = [&](const std::string& warmup) {
    RunFolder folder(into(dir.path(), Existing::kResume));
    return folder.begin(Mlp(small_network().hidden), small_network(), {}, {{"--warmup", warmup}},
                        {{"warmup", "0", true}, {"epochs", "30"}});
  };
  EXPECT_EQ(resume("0").epochs, 1);
  EXPECT_THROW(resume("1"), Error);
}

TEST(CompletedResult, IsThatOfTheSameOptionsAndData) {
  const fs::path sample = fs::path(MNIST_TRAIN_SOURCE_DIR) / "tests/expected/run";
  const RunRecord run = read_run(sample);
  const std::string line = test::read_file(sample / "result.json");
  EXPECT_EQ(completed_result(sample, run.config, run.data_dir).value() + "\n", line);
  EXPECT_FALSE(completed_result(sample, run.config, "/other").has_value());
  std::vector<Setting> config = run.config;
  config.at(5).value = "1e-2";  // another way to write 0.01
  EXPECT_TRUE(completed_result(sample, config, run.data_dir).has_value());
  config.at(5).value = "0.02";
  EXPECT_FALSE(completed_result(sample, config, run.data_dir).has_value());
  config = run.config;
  config.push_back({"data", "\"sample\""});  // another way to name the same folder
  EXPECT_TRUE(completed_result(sample, config, run.data_dir).has_value());
  config = run.config;
  config.pop_back();
  EXPECT_FALSE(completed_result(sample, config, run.data_dir).has_value());
  // An option that the version of the run did not have, at its default and at another value.
  config = run.config;
  config.push_back({"warmup", "0", true});
  EXPECT_FALSE(completed_result(sample, config, run.data_dir).has_value());
  const std::vector<Setting> defaults{{"warmup", "0", true}};
  EXPECT_TRUE(completed_result(sample, config, run.data_dir, defaults).has_value());
  config.back().value = "1";
  EXPECT_FALSE(completed_result(sample, config, run.data_dir, defaults).has_value());
  const test::TempDir dir;
  EXPECT_FALSE(completed_result(dir.path(), run.config, run.data_dir).has_value());
  test::write_file(dir / "result.json", "{");
  EXPECT_FALSE(completed_result(dir.path(), run.config, run.data_dir).has_value());
}

}  // namespace
}  // namespace mnist
