// Runs the built program as a server, and a browser on its page.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using testing::MatchesRegex;

/// `mnist-train serve` on a free port, until it is stopped.
class Serving {
 public:
  explicit Serving(const std::string& model) {
    int ends[2];
    if (pipe(ends) != 0) return;
    child_ = fork();
    if (child_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      close(ends[1]);
      execl(MNIST_TRAIN_PROGRAM, MNIST_TRAIN_PROGRAM, "serve", "--quiet", "--port", "0", "--model",
            model.c_str(), nullptr);
      _exit(127);
    }
    close(ends[1]);
    char byte = 0;
    while (read(ends[0], &byte, 1) == 1 && byte != '\n') url_ += byte;
    close(ends[0]);
  }
  ~Serving() { stop(SIGKILL); }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  const std::string& url() const { return url_; }  ///< empty if it did not start

  /// Returns the exit code as a shell has it.
  int stop(int signal) {
    if (child_ <= 0) return -1;
    kill(child_, signal);
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t child_ = -1;
  std::string url_;
};

std::string train(const fs::path& data, const fs::path& out) {
  const test::Outcome outcome = test::run_program(
      {"--quiet", "--epochs", "3", "--data", data.string(), "--out", out.string()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return (out / "model.safetensors").string();
}

TEST(Program, ServesUntilItIsStopped) {
  const test::TempDir dir;
  const std::string model = train(test::sample_dir(), dir / "run");
  for (const int signal : {SIGINT, SIGTERM}) {
    Serving serving(model);
    EXPECT_THAT(serving.url(), MatchesRegex("http://127\\.0\\.0\\.1:[0-9]+/"));
    EXPECT_EQ(serving.stop(signal), 0);
  }
}

TEST(RealServe, RecognisesWhatIsDrawnInABrowser) {
  if (!fs::exists("/usr/bin/chromedriver")) {
    GTEST_SKIP() << "install chromium, chromium-driver and python3-selenium";
  }
  const test::TempDir dir;
  Serving serving(train(test::real_data_dir(), dir / "run"));
  const fs::path script = fs::path(MNIST_TRAIN_SOURCE_DIR) / "tests" / "browse.py";
  const test::Outcome outcome =
      test::run({"/usr/bin/python3", script.string(), "draw", serving.url()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_EQ(serving.stop(SIGINT), 0);
}

}  // namespace
}  // namespace mnist
