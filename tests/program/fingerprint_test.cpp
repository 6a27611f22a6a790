// The promise that a run of the sparse engine has the same bits everywhere.

#include <nlohmann/json.hpp>

#include "kernels/kernels.h"
#include "support.h"

namespace mnist {
namespace {

using test::Outcome;

/// SHA-256 of the model that `mnist-train --epochs 1 --data data/sample` writes, by sha256sum.
constexpr const char* kExpected =
    "a393ffc077bc8d8353fa9b1db7fe10dab86f36023800caaaa1b6e762ded7a5e3";

/// The default run with this value of ATEN_CPU_CAPABILITY. An unknown one stands for all that the
/// processor has.
Outcome default_run(const std::string& capability, const std::string& threads,
                    const std::string& dir) {
  return test::run({"env", "ATEN_CPU_CAPABILITY=" + capability, MNIST_TRAIN_PROGRAM, "--epochs",
                    "1", "--data", test::sample_dir().string(), "--threads", threads, "--out",
                    dir});
}

TEST(ProgramFingerprint, IsTheSameForEachInstructionSetAndNumberOfThreads) {
  if (!has_fused_multiply_add()) GTEST_SKIP() << "this processor rounds in its own way";
  std::string expected;
  for (const char* capability : {"best", "avx2"}) {
    for (const char* threads : {"1", "2"}) {
      SCOPED_TRACE(std::string(capability) + ", " + threads + " threads");
      const test::TempDir dir;
      const Outcome outcome = default_run(capability, threads, (dir / "run").string());
      EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
      EXPECT_THAT(outcome.err, Not(HasSubstr("fused")));
      const Outcome sum = test::run({"sha256sum", (dir / "run/model.safetensors").string()});
      EXPECT_EQ(sum.out.substr(0, 64), kExpected);
      const auto result = nlohmann::json::parse(test::read_file(dir / "run/result.json"));
      EXPECT_EQ(result.at("model_sha256"), kExpected);
#ifdef __x86_64__
      if (capability == std::string("avx2")) {
        EXPECT_EQ(result.at("engine"), "sparse (AVX2)");
      }
#endif
      const std::string losses = result.at("train_loss").dump() + result.at("test").dump();
      if (expected.empty()) expected = losses;
      EXPECT_EQ(losses, expected);
    }
  }
}

TEST(ProgramFingerprint, IsAnotherWithoutFusedMultiplyAddAndTheLogSaysSo) {
  const test::TempDir dir;
  const Outcome outcome = default_run("default", "1", (dir / "run").string());
  EXPECT_EQ(outcome.exit_code, 0);
#ifdef __x86_64__
  EXPECT_THAT(outcome.err, HasSubstr("the last digits differ from those of CPUs with fused "
                                     "multiply-add"));
  const auto result = nlohmann::json::parse(test::read_file(dir / "run/result.json"));
  EXPECT_NE(result.at("model_sha256"), kExpected);
  const Outcome doctor = test::run({"env", "ATEN_CPU_CAPABILITY=default", MNIST_TRAIN_PROGRAM,
                                    "doctor", "--data", test::sample_dir().string()});
  EXPECT_EQ(doctor.exit_code, 1);
  EXPECT_THAT(doctor.out, HasSubstr("fingerprint FAIL: expected " + std::string(kExpected)));
#endif
}

TEST(ProgramFingerprint, IsNamedByVersionAndCheckedByDoctor) {
  EXPECT_THAT(test::run_program({"--version"}).out,
              HasSubstr(std::string("\nfingerprint ") + kExpected + "\n"));
  const Outcome doctor = test::run_program({"doctor", "--data", test::sample_dir().string()});
  EXPECT_THAT(doctor.out,
              HasSubstr(has_fused_multiply_add() ? std::string("fingerprint ok: ") + kExpected
                                                 : "without fused multiply-add"));
}

}  // namespace
}  // namespace mnist
