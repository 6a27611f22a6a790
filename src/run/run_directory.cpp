#include "run/run_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <system_error>

#include "base/atomic_file.h"
#include "base/read_file.h"
#include "mnist_train/error.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfig = "config.toml";
constexpr const char* kModel = "model.safetensors";
// The result goes first when a run is removed: without it no one takes the rest for a whole run.
constexpr std::array<const char*, 5> kFiles{kResultFile, kModel, "checkpoint.safetensors",
                                            kMetricsFile, kConfig};

bool holds_run(const fs::path& dir) {
  return std::any_of(kFiles.begin(), kFiles.end(), [&](const char* name) {
    std::error_code ignored;
    return fs::exists(dir / name, ignored);
  });
}

void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (!error) return;
  throw Error(ExitCode::kOutput, file.string() + ": could not be removed: " + error.message() +
                                     "; choose another folder with --out");
}

}  // namespace

RunDirectory::RunDirectory(const fs::path& dir, Existing existing)
    : dir_(fs::absolute(dir).lexically_normal()) {
  std::error_code error;
  fs::create_directories(dir_, error);
  if (error) {
    throw Error(ExitCode::kOutput, dir_.string() + ": the folder could not be made: " +
                                       error.message() + "; choose another one with --out");
  }
  take_lock();
  if (existing == Existing::kRefuse && holds_run(dir_)) {
    ::close(lock_);
    throw Error(ExitCode::kUsage, dir_.string() +
                                      ": expected a folder without a run, found one that holds a "
                                      "run; choose another, or give --resume or --overwrite");
  }
  if (!may_replace(dir_ / kReportFile, kReportMark)) {
    ::close(lock_);
    throw Error(ExitCode::kUsage, (dir_ / kReportFile).string() +
                                      ": expected none, or one of an earlier run, found another "
                                      "file; move it, or choose another folder with --out");
  }
}

RunDirectory::~RunDirectory() { ::close(lock_); }

// The lock is the kernel's, so it goes with the process however that ends.
void RunDirectory::take_lock() {
  lock_ = ::open(dir_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_ >= 0 && ::flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  const int problem = errno;
  if (lock_ >= 0) ::close(lock_);
  if (problem == EWOULDBLOCK) {
    throw Error(ExitCode::kUsage, dir_.string() +
                                      ": expected a folder that no other run uses, found one in "
                                      "use; choose another with --out, or wait");
  }
  throw Error(ExitCode::kOutput, dir_.string() + ": could not be locked: " +
                                     std::strerror(problem) + "; choose another with --out");
}

void RunDirectory::remove_run() const {
  remove_report();
  for (const char* name : kFiles) remove_file(dir_ / name);
}

void RunDirectory::remove_result() const {
  remove_report();
  remove_file(dir_ / kResultFile);
}

// It may be about other runs, or of someone else.
void RunDirectory::remove_report() const {
  if (may_replace(dir_ / kReportFile, kReportMark)) remove_file(dir_ / kReportFile);
}

void RunDirectory::remove_model() const { remove_file(dir_ / kModel); }

void RunDirectory::save_config(const std::string& toml) const {
  write_atomically(dir_ / kConfig, toml);
}

void RunDirectory::save_model(const std::string& bytes) const {
  write_atomically(dir_ / kModel, bytes);
}

void RunDirectory::save_checkpoint(const std::string& bytes) const {
  write_atomically(checkpoint(), bytes);
}

void RunDirectory::save_report(const std::string& html) const {
  replace_own(dir_ / kReportFile, html, kReportMark, "a report");
}

void RunDirectory::save_result(const std::string& json) const {
  write_atomically(dir_ / kResultFile, json + "\n");
}

void RunDirectory::add_metrics(const std::string& json) {
  metrics_ += json + "\n";
  write_atomically(dir_ / kMetricsFile, metrics_);
}

void RunDirectory::keep_metrics(std::int64_t epochs) {
  std::istringstream lines(read_file(dir_ / kMetricsFile).bytes);
  metrics_.clear();
  std::string line;
  for (std::int64_t kept = 0; kept < epochs && std::getline(lines, line); ++kept) {
    metrics_ += line + "\n";
  }
  write_atomically(dir_ / kMetricsFile, metrics_);
}

std::optional<std::string> stored_result(const fs::path& dir) {
  std::error_code ignored;
  if (!fs::exists(dir / kResultFile, ignored)) return std::nullopt;
  const std::string text = read_file(dir / kResultFile).bytes;
  return text.substr(0, text.find('\n'));
}

}  // namespace mnist
