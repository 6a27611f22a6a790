// Runs of the built program on the sample, and the files that they leave.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/process.h"
#include "cli/cli.h"
#include "commands/commands.h"
#include "support.h"

namespace mnist {

using Arguments = std::vector<std::string>;

inline Arguments operator+(Arguments one, const Arguments& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

const std::string kSampleData = "--data=" + test::sample_dir().string();

/// Options of a quiet run on the sample into `out`.
inline Arguments into(const std::filesystem::path& out, const Arguments& options = {}) {
  return Arguments{"--quiet", kSampleData, "--out", out.string()} + options;
}

inline test::Outcome run(const std::filesystem::path& out, const Arguments& options = {}) {
  return test::run_program(into(out, options));
}

/// The same run in this process, which saves loading LibTorch. Returns its exit code.
inline ExitCode run_here(const std::filesystem::path& out, const Arguments& options = {}) {
  testing::internal::CaptureStdout();
  const ExitCode code = run_command(parse_command_line(into(out, options)));
  testing::internal::GetCapturedStdout();
  return code;
}

inline void expect_done(ExitCode code) { EXPECT_EQ(code, ExitCode::kDone); }

inline void expect_done(const test::Outcome& outcome) {
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

inline std::string model_of(const std::filesystem::path& dir) {
  return test::read_file(dir / "model.safetensors");
}

inline nlohmann::json result_of(const std::filesystem::path& dir) {
  return nlohmann::json::parse(test::read_file(dir / "result.json"));
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

inline int epochs_in(const std::filesystem::path& dir) {
  return static_cast<int>(lines_of(test::read_file(dir / "metrics.jsonl")).size());
}

/// A command that goes on by itself, in a process group of its own, as a shell starts it.
class Running {
 public:
  /// With standard input and output, where they are given.
  explicit Running(Arguments command, const std::vector<int>& ignored = {}, int in = -1,
                   int out = -1)
      : child_(fork()) {
    if (child_ != 0) {
      setpgid(child_, child_);
      return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // with these tests, however they end
    setpgid(0, 0);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGUSR1, SIGUSR2}) {
      signal(number, SIG_DFL);  // whatever these tests were started by
    }
    for (const int number : ignored) signal(number, SIG_IGN);
    if (in >= 0) dup2(in, STDIN_FILENO);
    if (out >= 0) {
      dup2(out, STDOUT_FILENO);
    } else if (freopen("/dev/null", "w", stdout) == nullptr) {
      _exit(126);
    }
    std::vector<char*> pointers;
    for (std::string& argument : command) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    execvp(pointers[0], pointers.data());
    _exit(127);
  }

  void send(int number) const { kill(-child_, number); }

  /// The exit code, or the signal that has ended it, below zero.
  int wait() const {
    int status = 0;
    waitpid(child_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t child_;
};

}  // namespace mnist
