#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>

#include "base/file.h"
#include "base/process.h"
#include "commands/commands.h"
#include "data/data_files.h"
#include "kernels/kernels.h"
#include "mnist_train/data.h"
#include "mnist_train/engine.h"
#include "mnist_train/error.h"
#include "run/fingerprint.h"
#include "run/folder.h"
#include "terminal/console.h"
#include "train/runtime.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

/// Throws Error(kOutput) if a run could not write to `dir`. Nothing is written to find out: what
/// decides are the permissions of the nearest folder that exists, the lengths of the names below
/// it, and the free space. So a disk that fails at the first write is not noticed here.
void check_writable(const fs::path& dir) {
  const auto refuse = [&](const std::string& problem) {
    fail(ExitCode::kOutput, "{}: {}; choose another folder with --out", dir.string(), problem);
  };
  std::error_code error;
  fs::path existing = dir;
  std::size_t longest = 0;
  const auto is_missing = [&error](const fs::path& path) {
    const fs::file_type type = fs::symlink_status(path, error).type();
    return type == fs::file_type::not_found ||
           type == fs::file_type::none;  // none: a name too long
  };
  while (is_missing(existing) && existing.has_relative_path()) {
    longest = std::max(longest, existing.filename().native().size());
    existing = existing.parent_path();
  }
  if (!fs::is_directory(existing, error)) {
    refuse(fmt::format("expected a folder, found that {} is none", existing.string()));
  }
  if (::access(existing.c_str(), W_OK | X_OK) != 0) {
    refuse(fmt::format("expected that {} can be written to, found: {}", existing.string(),
                       std::strerror(errno)));
  }
  const long limit = ::pathconf(existing.c_str(), _PC_NAME_MAX);
  if (limit >= 0 && longest > static_cast<std::size_t>(limit)) {
    refuse(fmt::format("expected names of at most {} bytes, found one of {}", limit, longest));
  }
  const fs::space_info space = fs::space(existing, error);
  const bool tells_sizes = !error && space.capacity > 0;  // not every file system does
  if (tells_sizes && space.available == 0) refuse("expected free space, found none");
}

/// The folder, and what its file system cannot do for a run. Throws Error if a run could not use
/// it.
std::string check_output(const OutputOptions& output) {
  const fs::path dir = directory_path(output.dir);
  check_writable(dir);
  // A folder that exists may hold a run, or be in use. RunFolder makes nothing new in it.
  std::error_code ignored;
  if (!fs::exists(dir, ignored)) return dir.string();
  const RunFolder folder(output);
  return folder.warning().empty() ? dir.string() : folder.warning();
}

/// The device of a run with these options, and what else there is.
std::string check_device(const Options& options) {
  const torch::Device device = choose_device(options.device, options.engine, options.training);
  const Gpus gpus = find_gpus();
  if (gpus.count == 0)
    return fmt::format("{}; no CUDA device, since {}", device.str(), gpus.why_none);
  std::string names = "cuda:0";
  for (int index = 1; index < gpus.count; ++index) names += fmt::format(", cuda:{}", index);
  return fmt::format("{}; CUDA devices: {}", device.str(), names);
}

}  // namespace

ExitCode doctor_command(const Options& options) {
  write_out(fmt::format("{}\nsparse engine on {}\nthreads {} of {}\n", version_text(),
                        simd_target(), options.training.threads, usable_processors()));
  ExitCode first_problem = ExitCode::kDone;
  const auto examine = [&](const std::string& what, const std::function<std::string()>& check) {
    try {
      write_out(fmt::format("{} ok: {}\n", what, check()));
    } catch (const Error& error) {
      write_out(fmt::format("{} no: {}\n", what, error.what()));
      if (first_problem == ExitCode::kDone) first_problem = error.code();
    }
  };
  examine("fingerprint", check_fingerprint);
  examine("device", [&] { return check_device(options); });
  examine("data", [&] {
    const DataSplits data = load_data(options.data);
    expect_test_images(data, options.min_accuracy);
    return fmt::format("{}: {} training, {} validation and {} test images{}", data.dir,
                       data.train.size(), data.validation.size(), data.test.size(),
                       describe_set(data.dir));
  });
  if (options.output.dir.empty()) return first_problem;
  examine("out", [&] { return check_output(options.output); });
  return first_problem;
}

}  // namespace mnist
