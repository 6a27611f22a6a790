#include "commands/doctor.h"

#include <filesystem>
#include <functional>
#include <system_error>
#include <thread>
#include <vector>

#include "base/atomic_file.h"
#include "mnist_train/data.h"
#include "mnist_train/error.h"
#include "run/folder.h"
#include "sparse/kernels.h"
#include "train/runtime.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

/// Removes, when it goes, the folders on the way to `dir` that are not there when it comes.
class NewFolders {
 public:
  explicit NewFolders(fs::path dir) {
    std::error_code ignored;
    for (; dir.has_relative_path() && !fs::exists(dir, ignored); dir = dir.parent_path()) {
      folders_.push_back(dir);
    }
  }
  ~NewFolders() {
    std::error_code ignored;
    for (const fs::path& dir : folders_) fs::remove(dir, ignored);
  }
  NewFolders(const NewFolders&) = delete;
  NewFolders& operator=(const NewFolders&) = delete;

 private:
  std::vector<fs::path> folders_;  // the deepest first
};

/// Throws Error if a run could not write there.
void examine_output(const OutputOptions& output) {
  const NewFolders new_folders(fs::absolute(output.dir));
  const RunFolder folder(output);
  const fs::path probe = folder.path() / ".doctor";
  write_atomically(probe, "x");
  std::error_code ignored;
  fs::remove(probe, ignored);
}

}  // namespace

Diagnosis diagnose(const Options& options) {
  Diagnosis result{version_text() + "\nsparse engine on " + simd_target() + "\nthreads " +
                       std::to_string(options.training.threads) + " of " +
                       std::to_string(std::thread::hardware_concurrency()) + "\n",
                   ExitCode::kDone};
  // Adds a line that says whether something is well, and keeps the first exit code that is not 0.
  const auto examine = [&](const std::string& what, const std::function<std::string()>& check) {
    try {
      result.text += what + " ok: " + check() + "\n";
    } catch (const Error& error) {
      result.text += what + " no: " + error.what() + "\n";
      if (result.exit_code == ExitCode::kDone) result.exit_code = error.code();
    }
  };
  examine("data", [&] {
    const DataSplits data = load_data(options.data);
    return data.dir + ": " + std::to_string(data.train.size()) + " training, " +
           std::to_string(data.validation.size()) + " validation and " +
           std::to_string(data.test.size()) + " test images";
  });
  if (options.output.dir.empty()) return result;
  examine("out", [&] {
    examine_output(options.output);
    return fs::absolute(options.output.dir).lexically_normal().string();
  });
  return result;
}

}  // namespace mnist
