#include <fmt/format.h>
#include <torch/utils.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/fail.h"
#include "base/file.h"
#include "commands/commands.h"
#include "data/data_files.h"
#include "kernels/kernels.h"
#include "mnist_train/train.h"
#include "run/directory.h"
#include "run/fingerprint.h"
#include "terminal/console.h"
#include "train/engine.h"
#include "train/runtime.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

/// The sample that is installed with the program, or that of the sources it was built in; empty if
/// there is none.
fs::path find_sample() {
  const fs::path dir =
      fs::read_symlink("/proc/self/exe").parent_path();  // PREFIX/bin, build/PRESET
  for (const char* place : {"../share/mnist-train/sample", "../../data/sample"}) {
    if (is_there(dir / place)) return (dir / place).lexically_normal();
  }
  return {};
}

/// The SHA-256 of what kFingerprint stands for, trained on this sample. Throws Error if this
/// machine gives other weights.
std::string check_fingerprint(const fs::path& sample) {
  const DataSplits data{.train = load_split(sample, Split::kTrain)};
  const TrainingOptions options{.epochs = 1};
  torch::manual_seed(static_cast<std::uint64_t>(options.seed));
  const Mlp model(options.hidden);
  train(model, data, options, {.engine = EngineKind::kSparse});
  std::string found = model_sha256(*model);
  if (found == kFingerprint) return found;
  fail(ErrorKind::kInternal, "expected {}, found {}{}", kFingerprint, found,
       has_fused_multiply_add() ? "" : ", as on CPUs without fused multiply-add");
}

/// The directory. Throws Error if a run could not use it; makes nothing to find out.
std::string check_output(const OutputOptions& output) {
  const fs::path dir = directory_path(output.dir);
  std::error_code ignored;
  fs::path existing = dir;
  while (!fs::exists(existing, ignored) && existing.has_relative_path()) {
    existing = existing.parent_path();
  }
  if (::access((existing / ".").c_str(), W_OK | X_OK) != 0) {
    fail(ErrorKind::kOutput, "{}: not writable: {}", existing.string(), std::strerror(errno));
  }
  if (existing == dir) RunDirectory{output};  // it may hold a run, or be in use
  return dir.string();
}

/// The device of a run with these options, and what else there is.
std::string check_device(const Options& options) {
  const torch::Device device = make_plan(options.compute, options.training).device;
  const Gpus gpus = find_gpus();
  if (gpus.count == 0) return fmt::format("{}; no GPU: {}", device.str(), gpus.why_none);
  std::string names = "cuda:0";
  for (int index = 1; index < gpus.count; ++index) names += fmt::format(", cuda:{}", index);
  return fmt::format("{}; GPUs: {}", device.str(), names);
}

}  // namespace

ExitCode doctor_command(const Options& options) {
  write_out(fmt::format("{}\nsparse engine on {}\nthreads {} of {}\n", version_text(),
                        simd_target(), options.compute.threads, usable_cpus()));
  ExitCode first_problem = ExitCode::kDone;
  const auto examine = [&](const std::string& what, const std::function<std::string()>& check) {
    try {
      write_out(fmt::format("{} ok: {}\n", what, check()));
    } catch (const Error& error) {
      write_out(fmt::format("{} FAIL: {}\n", what, error.what()));
      if (first_problem == ExitCode::kDone) first_problem = exit_code_of(error.kind());
    }
  };
  if (const fs::path sample = find_sample(); !sample.empty()) {
    examine("fingerprint", [&] { return check_fingerprint(sample); });
  } else {
    write_out("fingerprint not checked: the sample is not installed\n");
  }
  examine("device", [&] { return check_device(options); });
  if (!options.output.dir.empty()) examine("out", [&] { return check_output(options.output); });
  examine("data", [&] {
    const DataSplits data = load_data(options.data);
    expect_test_images(data, options.min_accuracy);
    return fmt::format("{}: {} training, {} validation and {} test images{}", data.dir,
                       data.train.size(), data.validation.size(), data.test.size(),
                       describe_set(data.dir));
  });
  return first_problem;
}

}  // namespace mnist
