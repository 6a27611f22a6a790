// Runs of the built program on the sample, and the files that they leave.
#pragma once

#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

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

/// A command that goes on by itself.
class Running {
 public:
  explicit Running(const Arguments& command, const std::vector<int>& ignored = {})
      : child_(test::start(command, {-1, -1, STDERR_FILENO}, ignored)) {}

  void send(int number) const { kill(-child_, number); }
  int wait() const { return test::wait_for(child_); }

 private:
  pid_t child_;
};

}  // namespace mnist
