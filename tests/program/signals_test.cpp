// Sends signals to the built program.

#include <chrono>
#include <cstdlib>
#include <thread>

#include "model/safetensors.h"
#include "program/runs.h"

namespace mnist {
namespace {

using nlohmann::json;
using test::read_file;

const Arguments kEndless{"--epochs", "1000000", "--max-time", "10m"};

/// The command of such a run.
Arguments command_of(const fs::path& out, const Arguments& options) {
  return Arguments{MNIST_TRAIN_PROGRAM} + into(out, options);
}

void pause_for(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

/// Waits until the run has done so many epochs, for a minute at most.
void wait_for_epochs(const fs::path& run, int count) {
  for (int i = 0; i < 6000 && epochs_in(run) < count; ++i) pause_for(10);
}

TEST(Run, SavesAndSaysSoWhenASignalComes) {
  const Arguments options{"--shuffle", "--save-every", "1000000"};
  const test::TempDir dir;
  for (const auto& [signal, ended] : std::vector<std::pair<int, int>>{{SIGINT, -SIGINT},
                                                                      {SIGTERM, 143},
                                                                      {SIGHUP, 143},
                                                                      {SIGXCPU, 143},
                                                                      {SIGUSR1, 143},
                                                                      {SIGUSR2, 143}}) {
    const fs::path out = dir / std::to_string(signal);
    const Running running(command_of(out, options + kEndless));
    wait_for_epochs(out, 2);
    running.send(signal);
    if (signal == SIGTERM) running.send(signal);  // as timeout(1) and shells do
    EXPECT_EQ(running.wait(), ended);
    const json result = result_of(out);
    EXPECT_EQ(result["status"], "interrupted");
    EXPECT_EQ(result["epochs"], epochs_in(out));
    EXPECT_EQ(result["test"]["total"], 500);
    EXPECT_EQ(lines_of(read_file(out / "predictions.csv")).size(), 501U);  // with the header
    if (signal != SIGINT && signal != SIGTERM) continue;  // the others do the same as SIGTERM
    const Arguments longer = options + Arguments{"--epochs", std::to_string(epochs_in(out) + 1)};
    expect_done(run(out, longer + Arguments{"--resume"}));
    expect_done(run(dir / "whole", longer + Arguments{"--overwrite"}));
    EXPECT_EQ(model_of(out), model_of(dir / "whole"));
  }
}

TEST(Run, EndsAShellLoopAtCtrlC) {
  for (const char* output : {"", "| cat", "2>&1 | cat"}) {  // Ctrl-C ends what reads it, too
    SCOPED_TRACE(output);
    const test::TempDir dir;
    const std::string out = "'" + dir.path().string() + "'";
    const std::string loop = "for run in 1 2 3; do \"$@\" --out " + out + "/$run " + output +
                             "; done; touch " + out + "/end";
    const Running running(Arguments{"bash", "-c", loop, "bash", MNIST_TRAIN_PROGRAM, "--quiet",
                                    "--threads", "2", kSampleData} +
                          kEndless);
    wait_for_epochs(dir / "1", 1);
    running.send(SIGINT);
    EXPECT_EQ(running.wait(), -SIGINT);
    EXPECT_EQ(result_of(dir / "1")["status"], "interrupted");
    EXPECT_FALSE(fs::exists(dir / "2"));
    EXPECT_FALSE(fs::exists(dir / "end"));
  }
}

TEST(Run, LeavesSignalsThatWereIgnoredAtItsStart) {
  const std::vector<int> ignored{SIGINT, SIGHUP, SIGXCPU, SIGUSR1};
  const test::TempDir dir;
  const fs::path out = dir / "run";
  const Running running(command_of(out, kEndless), ignored);
  wait_for_epochs(out, 1);
  const int before = epochs_in(out);
  for (const int signal : ignored) running.send(signal);
  wait_for_epochs(out, before + 3);
  EXPECT_GE(epochs_in(out), before + 3);
  running.send(SIGTERM);
  EXPECT_EQ(running.wait(), 143);
  EXPECT_EQ(result_of(out)["status"], "interrupted");
}

TEST(Run, EndsAtOnceAtTheSecondRequest) {
  // A step of this network takes seconds, and the run would be saved after it.
  const Arguments slow{"--batch",  "1000",     "--hidden",     "4096,4096,4096",
                       "--engine", "autograd", "--save-every", "1000"};
  for (const auto& [signal, ended] :
       std::vector<std::pair<int, int>>{{SIGINT, -SIGINT}, {SIGTERM, 143}}) {
    const test::TempDir dir;
    const Running running(command_of(dir / "run", slow));
    wait_for_epochs(dir / "run", 1);
    pause_for(200);        // the step of the second epoch has begun by now
    running.send(SIGHUP);  // of which any number may come
    running.send(SIGHUP);
    running.send(signal);
    pause_for(150);
    running.send(signal);
    EXPECT_EQ(running.wait(), ended);
    EXPECT_FALSE(fs::exists(dir / "run/result.json"));
  }
}

TEST(Run, IsNotOverwrittenByOneThatIsStoppedBeforeItBegins) {
  const test::TempDir dir;
  expect_done(run(dir / "run", {"--epochs", "1"}));
  const std::string before = model_of(dir / "run");
  // strace sends the signal when the program opens its training images.
  const test::Outcome outcome =
      test::run(Arguments{"strace", "-f", "-qqq", "-o", "/dev/null", "-P",
                          (test::sample_dir() / "train-images-idx3-ubyte").string(), "-e",
                          "inject=openat:signal=TERM:when=1"} +
                command_of(dir / "run", {"--overwrite"}));
  EXPECT_EQ(outcome.exit_code, 143);
  EXPECT_THAT(outcome.err, testing::AllOf(testing::HasSubstr("stopped by SIGTERM after epoch 0"),
                                          testing::Not(testing::HasSubstr("--resume"))));
  EXPECT_EQ(model_of(dir / "run"), before);
}

// A file is written under a temporary name, flushed and renamed, and its directory is flushed:
// strace kills the program before one of these calls, each time one call later.
TEST(Run, SurvivesBeingKilledAtAnyWrite) {
  const char* const most = std::getenv("MNIST_TRAIN_KILLS");
  const int kills = most == nullptr ? 18 : std::atoi(most);
  const Arguments options{"--epochs", "3",         "--shuffle", "--momentum",
                          "0.5",      "--hidden",  "32",        "--lr-schedule",
                          "cosine",   "--augment", "shift"};
  const test::TempDir dir;
  expect_done(run(dir / "whole", options));
  const fs::path out = dir / "run";
  const auto expect_whole = [&] {
    EXPECT_EQ(model_of(out), model_of(dir / "whole"));
    EXPECT_EQ(epochs_in(out), 3);
  };
  int killed = 0;
  for (int i = 0; i < kills; ++i) {
    const std::string call = std::vector<std::string>{"write", "fsync", "rename"}[i % 3];
    const std::string inject = "inject=" + call + ":signal=KILL:when=" + std::to_string(i / 3 + 1);
    SCOPED_TRACE(inject);
    const Running running(
        Arguments{"strace", "-qqq", "-o", "/dev/null", "-e", "trace=" + call, "-e", inject} +
        command_of(out, options + Arguments{"--resume"}));
    const int ended = running.wait();
    if (ended == -SIGKILL) {
      ++killed;
      const fs::path checkpoint = out / "checkpoint.safetensors";
      if (fs::exists(checkpoint)) {
        EXPECT_NO_THROW(read_safetensors(checkpoint));
      }
      for (const std::string& line : lines_of(read_file(out / "metrics.jsonl"))) {
        EXPECT_TRUE(json::accept(line)) << line;
      }
    } else {  // it had fewer such calls left
      EXPECT_EQ(ended, 0);
      expect_whole();
      fs::remove_all(out);
    }
  }
  EXPECT_GE(killed, kills / 2);
  expect_done(run(out, options + Arguments{"--resume"}));
  expect_whole();
}

}  // namespace
}  // namespace mnist
