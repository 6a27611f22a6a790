#include "run/directory.h"

#include "run/record.h"
#include "support.h"

namespace mnist {
namespace {

OutputOptions into(const fs::path& dir, Existing existing = Existing::kRefuse) {
  return {.dir = dir.string(), .existing = existing};
}

TrainingOptions small_network() { return {.hidden = {2}}; }

/// Begins a run of a small network without options.
TrainingState begin(RunDirectory& directory, const ResumeKey& key = {}) {
  return directory.begin(Mlp(small_network().hidden), small_network(), {}, key);
}

/// The state of the small network after an epoch.
TrainingState state_after(std::int64_t epoch) {
  TrainingState state;
  state.epochs = epoch;
  state.parameters = copy_parameters(*Mlp(small_network().hidden));
  return state;
}

/// Does what the trainer does after an epoch. With the state of an earlier one there is no new
/// checkpoint, as if the run had been killed before it.
void add_epoch(RunDirectory& directory, std::int64_t epoch, std::int64_t state) {
  directory.on_epoch({epoch, 30, 1.0 / static_cast<double>(epoch), 1.0, 100.0}, state_after(state));
}

void add_epoch(RunDirectory& directory, std::int64_t epoch) { add_epoch(directory, epoch, epoch); }

/// The message with which a directory is refused.
std::string refusal_of(const fs::path& dir, Existing existing, ErrorKind kind = ErrorKind::kUsage) {
  return test::error_of(kind, [&] { const RunDirectory directory(into(dir, existing)); });
}

TEST(RunDirectory, RefusesOneThatHoldsARun) {
  const test::TempDir dir;
  for (const std::string name :
       {"config.toml", "metrics.jsonl", "result.json", "report.html", "predictions.csv",
        "model.safetensors", "checkpoint.safetensors"}) {
    const fs::path run = dir / name / "run";
    fs::create_directories(run);
    test::write_file(run / name, "x");
    test::write_file(run / "notes.txt", "mine");
    EXPECT_THAT(refusal_of(run, Existing::kRefuse),
                HasSubstr("holds a run; choose another directory, or give --resume"));
    {
      RunDirectory directory(into(run, Existing::kResume));
      EXPECT_THROW(begin(directory), Error);
    }
    RunDirectory directory(into(run, Existing::kOverwrite));
    EXPECT_EQ(test::read_file(run / name), "x");  // until another run begins
    EXPECT_EQ(begin(directory).epochs, 0);
    EXPECT_NE(test::read_file(run / name), "x");
    EXPECT_TRUE(fs::exists(run / "notes.txt"));
  }
}

TEST(RunDirectory, CanBeResumedFromTheFirstEpochOn) {
  const test::TempDir dir;
  {
    RunDirectory directory(into(dir.path()));
    begin(directory);
    add_epoch(directory, 1, 0);  // it was killed before the checkpoint
  }
  {
    RunDirectory directory(into(dir.path(), Existing::kResume));
    EXPECT_EQ(begin(directory).epochs, 0);
    EXPECT_EQ(test::read_file(dir / "metrics.jsonl"), "");
    EXPECT_THAT(
        [&] {
          begin(directory, {{"a", "b"}});
        },
        testing::ThrowsMessage<Error>(HasSubstr("a: expected none as in ")));
    RunRecord run;
    directory.finish({}, run);  // it was stopped in its first epoch
    EXPECT_FALSE(fs::exists(dir / "model.safetensors"));
  }
  EXPECT_NO_THROW(RunDirectory(into(dir.path(), Existing::kResume)));
}

TEST(RunDirectory, IsNeverShared) {
  const test::TempDir dir;
  {
    const RunDirectory directory(into(dir / "run"));
    EXPECT_THAT(refusal_of(dir / "run", Existing::kOverwrite), HasSubstr("in use by another run"));
  }
  EXPECT_NO_THROW(RunDirectory(into(dir / "run")));
}

TEST(RunDirectory, FailsWhereItCannotBeCreated) {
  const test::TempDir dir;
  test::write_file(dir / "file", "x");
  EXPECT_EQ(refusal_of(dir / "file/run", Existing::kRefuse, ErrorKind::kOutput),
            (dir / "file/run").string() + ": could not be created: Not a directory");
}

TEST(RunDirectory, NamesTheFileThatCouldNotBeWritten) {
  for (const std::string name : {"metrics.jsonl", "checkpoint.safetensors", "model.safetensors",
                                 "predictions.csv", "result.json"}) {
    const test::TempDir dir;
    RunDirectory directory(into(dir.path()));
    begin(directory);
    fs::remove(dir / name);
    fs::create_directories(dir / name / "in its way");
    const auto finish = [&] {
      add_epoch(directory, 1);
      RunRecord run;
      run.status = kStatusCompleted;
      run.predictions = {{4, 9, 0.75}};
      run.chosen = ChosenEpoch{1, "last epoch"};
      directory.finish(state_after(1), run);
    };
    EXPECT_THAT(finish, testing::ThrowsMessage<Error>((dir / name).string() +
                                                      ": could not be written: Is a directory"));
    EXPECT_FALSE(fs::is_regular_file(dir / "result.json"));
  }
}

TEST(RunDirectory, SavesACheckpointAsOftenAsAsked) {
  const test::TempDir dir;
  OutputOptions output = into(dir.path());
  output.save_every = 2;
  RunDirectory directory(output);
  begin(directory);
  const auto saved = [&] {
    return read_checkpoint(dir / "checkpoint.safetensors", *Mlp(small_network().hidden),
                           small_network(), {})
        .epochs;
  };
  for (const auto& [epoch, expected] : {std::pair{1, 0}, {2, 2}, {3, 2}, {4, 4}, {5, 4}}) {
    add_epoch(directory, epoch);
    EXPECT_EQ(saved(), expected);
  }
  RunRecord run;
  directory.finish(state_after(5), run);
  EXPECT_EQ(saved(), 5);  // at the end in any case
}

TEST(RunDirectory, ResumesFromItsCheckpointAndRemovesTheResults) {
  const test::TempDir dir;
  {
    RunDirectory directory(into(dir.path()));
    begin(directory);
    add_epoch(directory, 1);
    add_epoch(directory, 2);
    add_epoch(directory, 3, 2);
  }
  const std::string metrics = test::read_file(dir / "metrics.jsonl");
  EXPECT_EQ(read_history(dir.path()).size(), 3U);
  const std::array results{"result.json", "predictions.csv", "report.html"};
  for (const char* name : results) test::write_file(dir / name, "old");
  RunDirectory directory(into(dir.path(), Existing::kResume));

  test::write_file(dir / "metrics.jsonl", "{\n");
  EXPECT_THAT([&] { begin(directory); },
              testing::ThrowsMessage<Error>(HasSubstr("metrics.jsonl: line 1: not JSON")));
  for (const char* name : results) EXPECT_EQ(test::read_file(dir / name), "old") << name;

  test::write_file(dir / "metrics.jsonl", metrics);
  const TrainingState state = begin(directory);
  EXPECT_EQ(state.epochs, 2);
  for (const char* name : results) EXPECT_FALSE(fs::exists(dir / name)) << name;
  EXPECT_EQ(read_history(dir.path()).size(), 2U);
  add_epoch(directory, 3);
  EXPECT_EQ(test::read_file(dir / "metrics.jsonl"), metrics);
  RunRecord run;
  directory.finish(state, run);
  EXPECT_EQ(run.dir.string(), dir.path().string());
  EXPECT_EQ(run.name, dir.path().filename().string());
  ASSERT_EQ(run.history.size(), 3U);
  EXPECT_EQ(run.history[1].train_loss, 0.5);
}

}  // namespace
}  // namespace mnist
