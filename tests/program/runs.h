// Runs of the built program on the sample, and the files that they leave.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/exit_code.h"
#include "cli/cli.h"
#include "commands/commands.h"
#include "support.h"

namespace mnist {

using Arguments = std::vector<std::string>;

inline Arguments operator+(Arguments one, const Arguments& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

/// Options of a quiet run on the sample into `out`.
inline Arguments into(const std::filesystem::path& out, const Arguments& options = {}) {
  return Arguments{"--quiet", "--data", test::sample_dir().string(), "--out", out.string()} +
         options;
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

inline int epochs_in(const std::string& metrics) {
  return static_cast<int>(std::count(metrics.begin(), metrics.end(), '\n'));
}

}  // namespace mnist
