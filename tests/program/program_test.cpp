// Runs the built program as a shell would.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::run_program;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

Outcome train_on_sample(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"--data", test::sample_dir().string()});
  return run_program(std::move(arguments));
}

void expect_failure(const Outcome& outcome, int exit_code) {
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, StartsWith("mnist-train: error: "));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
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

TEST(Program, KeepsStandardErrorEmptyIfQuiet) {
  const Outcome outcome = train_on_sample({"--epochs", "1", "--quiet"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, HasSubstr("accuracy"));
}

TEST(Program, ExitsByTheAccuracyReached) {
  const std::vector<std::string> smoke{"--epochs", "10", "--lr", "0.1", "--min-accuracy"};
  std::vector<std::string> met = smoke;
  met.emplace_back("80");
  EXPECT_EQ(train_on_sample(met).exit_code, 0);
  std::vector<std::string> missed = smoke;
  missed.emplace_back("99.9");
  const Outcome outcome = train_on_sample(missed);
  EXPECT_EQ(outcome.exit_code, 6);
  EXPECT_THAT(outcome.out, HasSubstr("\naccuracy "));
  EXPECT_THAT(outcome.err, HasSubstr("expected a test accuracy of at least 99.9 %"));
}

TEST(Program, StopsWhenTrainingDiverges) {
  const Outcome outcome = train_on_sample({"--lr", "1e6", "--epochs", "9"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.err, HasSubstr("mnist-train: error: training diverged"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("accuracy")));
}

TEST(Program, RefusesBadUsageBeforeItReadsData) {
  const test::Environment nowhere("MNIST_DATA_DIR", "/nonexistent");
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--epochs", "abc"}, {"--batch", "0"}, {"--lr", "nan"}, {"--epoch", "3"}}) {
    expect_failure(run_program(arguments), 2);
  }
  EXPECT_THAT(run_program({"--epoch", "3"}).err, HasSubstr("did you mean '--epochs'"));
}

TEST(Program, NamesAWorkingFolderThatIsGone) {
  const test::TempDir dir;
  const Outcome outcome = test::run({"sh", "-c",
                                     "cd '" + dir.path().string() +
                                         "' && mkdir gone && cd gone && rmdir ../gone && "
                                         "exec " MNIST_TRAIN_PROGRAM " --data set"});
  expect_failure(outcome, 2);
  EXPECT_THAT(outcome.err, HasSubstr("the current directory no longer exists"));
}

TEST(Program, RefusesMissingAndBrokenData) {
  const test::TempDir dir;
  const fs::path set = dir / "set";
  const auto refuses = [&](const std::string& because) {
    const Outcome outcome = run_program({"--quiet", "--data", set.string()});
    expect_failure(outcome, 3);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr(because), HasSubstr(set.string())));
  };
  refuses("no MNIST data ");
  test::write_data_set(set, 20, 10);
  test::write_file(set / "train-images-idx3-ubyte", test::idx_images(20, "short"));
  refuses("expected 15696 bytes for the 20 images in its header, found 21");
}

#if !defined(__SANITIZE_ADDRESS__)  // which needs more addresses than these limits leave
TEST(Program, SaysWhatHelpsIfMemoryIsShort) {
  const test::TempDir dir;
  const auto refuses = [&](const std::string& options) {
    const Outcome outcome = test::run(
        {"sh", "-c",
         "ulimit -v 4000000; exec " MNIST_TRAIN_PROGRAM " --quiet --epochs 1 " + options});
    expect_failure(outcome, 1);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("out of memory"), HasSubstr("--train-limit"),
                                   HasSubstr("--hidden")));
  };
  refuses("--hidden 65536,65536 --data '" + test::sample_dir().string() + "'");  // in LibTorch
  constexpr std::uint32_t kCount = 8'100'000;  // as many as infinite MNIST is given with
  test::write_data_set(dir.path(), 1, 1);
  test::write_file(dir / "train-images-idx3-ubyte", test::idx_images(kCount, ""));
  test::write_file(dir / "train-labels-idx1-ubyte", test::idx_labels(kCount, ""));
  fs::resize_file(dir / "train-images-idx3-ubyte", 16 + std::uintmax_t{kCount} * 784);  // no room
  fs::resize_file(dir / "train-labels-idx1-ubyte", 8 + kCount);
  refuses("--data '" + dir.path().string() + "'");
  const Outcome fewer = run_program(
      {"--quiet", "--epochs", "1", "--train-limit", "20", "--data", dir.path().string()});
  EXPECT_EQ(fewer.exit_code, 0) << fewer.err;
}
#endif

TEST(Program, FailsIfItsResultCannotBeWritten) {
  const Outcome outcome =
      test::run({"sh", "-c",
                 std::string(MNIST_TRAIN_PROGRAM) + " --quiet --epochs 1 --data '" +
                     test::sample_dir().string() + "' > /dev/full"});
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
  const std::vector<std::string> options{"--data", test::sample_dir().string(), "--epochs",   "1",
                                         "--out",  (dir / "run").string(),      "--overwrite"};
  const auto log = [&](const std::string& option) {
    std::vector<std::string> arguments = options;
    if (!option.empty()) arguments.push_back(option);
    return run_program(arguments).err;
  };
  EXPECT_THAT(log(""), AllOf(HasSubstr("engine "), Not(HasSubstr("LibTorch"))));
  EXPECT_THAT(log("--verbose"), AllOf(HasSubstr("engine "), HasSubstr("LibTorch "),
                                      HasSubstr("written  " + (dir / "run").string())));
  EXPECT_EQ(log("--quiet"), "");
}

TEST(Program, WarnsOfMoreThreadsThanProcessors) {
  const auto train = [](const char* threads, const char* processors) {
    return test::run({"taskset", "--cpu-list", processors, MNIST_TRAIN_PROGRAM, "--quiet", "--data",
                      test::sample_dir().string(), "--epochs", "1", "--threads", threads});
  };
  const std::string one = std::to_string(sched_getcpu());
  const Outcome many = train("8", one.c_str());
  EXPECT_EQ(many.exit_code, 0);
  EXPECT_THAT(many.err, HasSubstr("--threads 8 reduced to 1, the number of available CPUs"));
  EXPECT_EQ(train("1", one.c_str()).err, "");
  EXPECT_EQ(train("1024", one.c_str()).exit_code, 0);  // which once never ended
}

TEST(Program, DoctorSaysWhatARunWouldFind) {
  const test::TempDir dir;
  const auto written = fs::last_write_time(dir.path());
  const Outcome fine = run_program(
      {"doctor", "--data", test::sample_dir().string(), "--out", (dir / "out").string()});
  EXPECT_EQ(fine.exit_code, 0);
  EXPECT_THAT(fine.out, AllOf(HasSubstr("LibTorch "), HasSubstr("BLAS "), HasSubstr("threads 1 of"),
                              HasSubstr("1000 training, 0 validation and 500 test images"),
                              HasSubstr("out ok: " + (dir / "out").string())));
  EXPECT_FALSE(fs::exists(dir / "out"));
  EXPECT_EQ(fs::last_write_time(dir.path()), written);  // nothing was made and removed

  test::write_data_set(dir / "data", 20, 10);
  test::write_file(dir / "data/t10k-labels-idx1-ubyte", test::idx_labels(9, std::string(9, '\1')));
  const Outcome data = run_program({"doctor", "--data", (dir / "data").string()});
  EXPECT_EQ(data.exit_code, 3);
  EXPECT_THAT(data.out, HasSubstr("data FAIL: " + (dir / "data").string()));

  test::write_file(dir / "file", "x");
  const Outcome output = run_program(
      {"doctor", "--data", test::sample_dir().string(), "--out", (dir / "file").string()});
  EXPECT_EQ(output.exit_code, 7);
  EXPECT_THAT(output.out, HasSubstr("out FAIL: " + (dir / "file").string()));
}

TEST(Program, NamesTheDeviceOrWhyItIsNotThere) {
  const std::string data = test::sample_dir().string();
  const Outcome run = run_program({"--data", data, "--epochs", "1", "--json", "--device", "cpu"});
  EXPECT_EQ(nlohmann::json::parse(run.out)["device"], "cpu");
  EXPECT_THAT(run.err, HasSubstr(" on cpu, "));
  EXPECT_THAT(run_program({"doctor", "--data", data}).out, HasSubstr("\ndevice ok: cpu; "));
  // No machine has a hundred GPUs.
  const Outcome refused = run_program({"--data", data, "--device", "cuda:99"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err,
              MatchesRegex("mnist-train: error: device cuda:99: no such GPU [^\n]*\n"));
  const Outcome doctor = run_program({"doctor", "--data", data, "--device", "cuda:99"});
  EXPECT_EQ(doctor.exit_code, 2);
  EXPECT_THAT(doctor.out, HasSubstr("\ndevice FAIL: device cuda:99: no such GPU"));
}

/// What doctor says that the sparse engine runs on.
std::string simd_under(const char* capability) {
  const test::Environment limit("ATEN_CPU_CAPABILITY", capability);
  const std::string out = run_program({"doctor", "--data", test::sample_dir().string()}).out;
  const std::string before = "sparse engine on ";
  const std::size_t from = out.find(before) + before.size();
  return out.substr(from, out.find('\n', from) - from);
}

TEST(Program, LimitsTheSparseEngineAsLibTorchIsLimited) {
  const bool has_avx2 = simd_under(nullptr).rfind("AVX", 0) == 0;
  const std::string limited = simd_under("avx2");
  EXPECT_EQ(limited == "AVX2", has_avx2) << limited;
  EXPECT_THAT(simd_under("default"), AllOf(Not(HasSubstr("AVX")), Not(IsEmpty())));
}

/// What the program writes to a terminal of the given kind on standard error.
std::string on_terminal(const char* term) {
  const test::Environment kind("TERM", term);
  const winsize window{24, 80, 0, 0};
  int terminal = -1;
  const std::string data = test::sample_dir().string();
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &window);
  if (child == 0) {
    execl(MNIST_TRAIN_PROGRAM, MNIST_TRAIN_PROGRAM, "--epochs", "20", "--data", data.c_str(),
          nullptr);
    _exit(127);
  }
  std::string shown;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(terminal, buffer, sizeof buffer)) > 0;) shown.append(buffer, n);
  int status = 0;
  waitpid(child, &status, 0);
  close(terminal);
  EXPECT_EQ(status, 0);
  return shown;
}

TEST(Program, DrawsABarOnATerminalOnly) {
  EXPECT_THAT(on_terminal("xterm"), AllOf(HasSubstr("images/s  ETA 0:0"), HasSubstr("\x1b[K")));
  EXPECT_THAT(on_terminal("dumb"),
              AllOf(HasSubstr("epoch 20/20"), Not(HasSubstr("ETA")), Not(HasSubstr("\x1b"))));
}

TEST(Program, HonoursNoColor) {
  EXPECT_THAT(on_terminal("xterm"), HasSubstr("\x1b[32m"));
  const test::Environment no_color("NO_COLOR", "1");
  EXPECT_THAT(on_terminal("xterm"), Not(HasSubstr("\x1b[32m")));
}

}  // namespace
}  // namespace mnist
