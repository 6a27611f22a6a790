#include "mnist_train/doctor.h"

#include <filesystem>
#include <thread>

#include "mnist_train/atomic_file.h"
#include "mnist_train/data_files.h"
#include "mnist_train/error.h"
#include "mnist_train/idx.h"
#include "mnist_train/run_directory.h"
#include "mnist_train/runtime.h"
#include "mnist_train/sparse_kernels.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

std::string images_in(const fs::path& dir, Split split) {
  const SplitFiles files = find_split_files(dir, split);
  const std::int64_t images = check_idx_images(files.images);
  const auto labels = static_cast<std::int64_t>(read_idx_labels(files.labels).size());
  if (labels != images) {
    throw Error(ExitCode::kData, files.labels.string() + ": expected " + std::to_string(images) +
                                     " labels, found " + std::to_string(labels));
  }
  return std::to_string(images);
}

/// What is at a place. Throws Error(kData) if it is no whole data set.
std::string examine_data(const fs::path& place) {
  const fs::path dir = find_data_dir(place.string());
  return dir.string() + ": " + images_in(dir, Split::kTrain) + " training and " +
         images_in(dir, Split::kTest) + " test images";
}

/// Throws Error if a run could not write there.
void examine_output(const OutputOptions& output) {
  const bool existed = fs::exists(output.dir);
  {
    const RunDirectory directory(output.dir, Existing::kResume);
    const fs::path probe = directory.path() / ".doctor";
    write_atomically(probe, "x");
    fs::remove(probe);
  }
  if (!existed) fs::remove(output.dir);
}

}  // namespace

Diagnosis diagnose(const Options& options) {
  Diagnosis result{version_text() + "\nsparse engine on " + simd_target() + "\nthreads " +
                       std::to_string(options.training.threads) + " of " +
                       std::to_string(std::thread::hardware_concurrency()) + "\n",
                   ExitCode::kData};
  for (const fs::path& place : data_places(options.data.dir)) {
    try {
      result.text += "data ok: " + examine_data(place) + "\n";
      result.exit_code = ExitCode::kDone;
      break;  // a run would look no further
    } catch (const Error& error) {
      result.text += "data no: " + std::string(error.what()) + "\n";
    }
  }
  if (options.output.dir.empty()) return result;
  try {
    examine_output(options.output);
    result.text += "out ok: " + fs::absolute(options.output.dir).lexically_normal().string() + "\n";
  } catch (const Error& error) {
    result.text += "out no: " + std::string(error.what()) + "\n";
    if (result.exit_code == ExitCode::kDone) result.exit_code = error.code();
  }
  return result;
}

}  // namespace mnist
