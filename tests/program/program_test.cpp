// Runs the built program as a shell would.

#include <pty.h>
#include <sched.h>

#include "program/runs.h"

namespace mnist {
namespace {

using test::Outcome;
using test::run_program;
using testing::MatchesRegex;

Outcome train_on_sample(const Arguments& options) {
  return run_program(Arguments{kSampleData} + options);
}

TEST(Program, TrainsAndTestsOnTheSample) {
  const Outcome outcome = train_on_sample({"--epochs", "2"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(
      outcome.out,
      MatchesRegex("epoch 1/2  loss 2\\.[0-9]{6}  [0-9.]+ s  [0-9]+ images/s\n"
                   "epoch 2/2  loss 2\\.[0-9]{6}  [0-9.]+ s  [0-9]+ images/s\n\n"
                   "test loss 2\\.[0-9]{6}\n\n"
                   "digit  correct   total   accuracy\n"
                   "(    [0-9] +[0-9]+ +[0-9]+ +[0-9.]+ %\n){10}\n"
                   "accuracy [0-9.]+ % \\([0-9]+ of 500, 95 % interval [0-9.]+ to [0-9.]+ %\\)\n"));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("784-256-256-10 with ReLU, 269322 parameters"),
                                 HasSubstr("1000 training and 500 test images"),
                                 HasSubstr("lr 0.01"), Not(HasSubstr("\r"))));
}

TEST(Program, EndsWithTheCodeOfItsFailureAndOneLine) {
  const test::TempDir dir;
  const std::string set = (dir / "set").string();
  test::write_data_set(set, 20, 10);
  test::write_file(dir / "set/train-images-idx3-ubyte", test::idx_images(20, "short"));
  const std::string no_model = set + "/train-labels-idx1-ubyte";
  const test::Environment nowhere("MNIST_DATA_DIR", "/nonexistent");
  const std::vector<std::tuple<Arguments, int, std::string>> cases{
      {{"--epoch", "3"}, 2, "did you mean '--epochs'"},
      {{"--lr", "nan"}, 2, "--lr: expected"},  // before the data are looked for
      {{"--quiet"}, 3, "no MNIST data "},
      {{"--quiet", "--data", set}, 3, set},
      {{"--quiet", kSampleData, "--lr=1e6", "--epochs=9"}, 4, "training diverged in epoch 1 of 9"},
      {{"eval", kSampleData, "--quiet", "--model", no_model}, 5, no_model},
      {{"--quiet", kSampleData, "--epochs=3", "--min-accuracy=99.9"}, 6, "at least 99.9 %"}};
  for (const auto& [arguments, exit_code, message] : cases) {
    const Outcome outcome = run_program(arguments);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    EXPECT_THAT(outcome.err, AllOf(StartsWith("mnist-train: error: "), HasSubstr(message)));
    EXPECT_EQ(lines_of(outcome.err).size(), 1) << outcome.err;
    EXPECT_EQ(outcome.out.find("\naccuracy ") != std::string::npos, exit_code == 6);
  }
  EXPECT_EQ(train_on_sample({"--epochs=9", "--lr=0.1", "--min-accuracy=70"}).exit_code, 0);
}

TEST(Program, FailsIfItsResultCannotBeWritten) {
  const Outcome outcome = test::run({"sh", "-c", "exec \"$0\" \"$@\" > /dev/full",
                                     MNIST_TRAIN_PROGRAM, "--quiet", "--epochs=1", kSampleData});
  EXPECT_EQ(outcome.exit_code, 7);
  EXPECT_THAT(outcome.err, StartsWith("mnist-train: error: cannot write to standard output: "));
}

TEST(Program, PrintsHelpAndVersions) {
  const Outcome help = run_program({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, AllOf(HasSubstr("--weight-decay"), HasSubstr("Exit codes")));
  EXPECT_EQ(help.err, "");
  const Outcome version = run_program({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, MatchesRegex("mnist-train [0-9.]+\nLibTorch [0-9.]+.*\nBLAS .+\n"
                                        "CPU capability .+\n"));
}

TEST(Program, LogsMoreIfVerboseAndNothingIfQuiet) {
  const test::TempDir dir;
  const auto log = [&](const char* option) {
    const std::string out = (dir / "run").string();
    return train_on_sample({"--epochs=1", "--out", out, "--overwrite", option}).err;
  };
  EXPECT_THAT(log("--json"), AllOf(HasSubstr("engine "), Not(HasSubstr("LibTorch"))));
  EXPECT_THAT(log("--verbose"), AllOf(HasSubstr("engine "), HasSubstr("LibTorch "),
                                      HasSubstr("written  " + (dir / "run").string())));
  EXPECT_EQ(log("--quiet"), "");
}

TEST(Program, SaysThatTheCurrentDirectoryIsGone) {
  const Outcome outcome =
      test::run({"sh", "-c", "d=$(mktemp -d); cd $d; rmdir $d; exec \"$0\"", MNIST_TRAIN_PROGRAM});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr(": the current directory no longer exists\n"));
}

TEST(Program, WarnsOfMoreThreadsThanCpus) {
  const auto train = [](const std::string& threads) {
    return test::run({"taskset", "--cpu-list", std::to_string(sched_getcpu()), MNIST_TRAIN_PROGRAM,
                      "--quiet", kSampleData, "--epochs", "1", "--threads", threads});
  };
  EXPECT_EQ(train("1").err, "");
  const Outcome many = train("1024");  // which once never ended
  EXPECT_EQ(many.exit_code, 0);
  EXPECT_THAT(many.err, HasSubstr("--threads 1024 reduced to 1, the number of available CPUs"));
}

TEST(Program, DoctorSaysWhatARunWouldFind) {
  const test::TempDir dir;
  const auto doctor = [](const Arguments& options) {
    return run_program(Arguments{"doctor", kSampleData} + options);
  };
  const auto written = fs::last_write_time(dir.path());
  const Outcome fine = doctor({"--out", (dir / "out").string()});
  EXPECT_EQ(fine.exit_code, 0);
  EXPECT_THAT(fine.out, AllOf(HasSubstr("LibTorch "), HasSubstr("BLAS "), HasSubstr("threads 1 of"),
                              HasSubstr("\ndevice ok: cpu; "),
                              HasSubstr("1000 training, 0 validation and 500 test images"),
                              HasSubstr("out ok: " + (dir / "out").string())));
  EXPECT_FALSE(fs::exists(dir / "out"));
  EXPECT_EQ(fs::last_write_time(dir.path()), written);  // nothing was made and removed

  test::write_file(dir / "file", "x");
  const std::string file = (dir / "file").string();
  fs::create_directory(dir / "run");
  test::write_file(dir / "run/metrics.jsonl", "");
  const std::string old_run = (dir / "run").string();
  const std::vector<std::tuple<Arguments, int, std::string>> cases{
      {{"--out", old_run}, 2, "out FAIL: " + old_run + ": holds a run"},
      {{"--data", dir.path().string()}, 3, "data FAIL: no MNIST data "},
      {{"--out", file}, 7, "out FAIL: " + file + ": not writable: Not a directory"},
      // No machine has a hundred GPUs.
      {{"--device", "cuda:99"}, 2, "device FAIL: device cuda:99: no such GPU"}};
  for (const auto& [options, exit_code, message] : cases) {
    const Outcome outcome = doctor(options);
    EXPECT_EQ(outcome.exit_code, exit_code);
    EXPECT_THAT(outcome.out, HasSubstr("\n" + message));
  }
}

/// What the program writes to a terminal of the given kind.
std::string on_terminal(const char* term) {
  const test::Environment kind("TERM", term);
  const winsize window{24, 80, 0, 0};
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &window);
  if (child == 0) {
    execl(MNIST_TRAIN_PROGRAM, MNIST_TRAIN_PROGRAM, "--epochs", "20", kSampleData.c_str(), nullptr);
    _exit(127);
  }
  std::string shown;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(terminal, buffer, sizeof buffer)) > 0;) shown.append(buffer, n);
  close(terminal);
  EXPECT_EQ(test::wait_for(child), 0);
  return shown;
}

TEST(Program, DrawsABarAndColorsOnATerminalOnly) {
  const test::Environment colors("NO_COLOR", nullptr);
  EXPECT_THAT(on_terminal("xterm"),
              AllOf(HasSubstr("\x1b[32m"), HasSubstr("\repoch  1/20 "), HasSubstr("  ETA 0:0"),
                    HasSubstr("\x1b[K\r\x1b[Kepoch  ")));  // the bar makes way for a line
  EXPECT_THAT(on_terminal("dumb"),
              AllOf(HasSubstr("epoch 20/20"), Not(HasSubstr("ETA")), Not(HasSubstr("\x1b"))));
  const test::Environment no_color("NO_COLOR", "1");
  EXPECT_THAT(on_terminal("xterm"), Not(HasSubstr("\x1b[32m")));
}

}  // namespace
}  // namespace mnist
