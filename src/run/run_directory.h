#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "mnist_train/options.h"

namespace mnist {

// Files of a run that are read again.
constexpr const char* kMetricsFile = "metrics.jsonl";
constexpr const char* kReportFile = "report.html";
/// What the head of every report has, and hardly another file.
constexpr const char* kReportMark = R"(name="generator" content="mnist-train")";
constexpr const char* kResultFile = "result.json";
constexpr const char* kResultSchema = "mnist-train/1";  ///< what its `schema` says

/// The folder of a run's files, which no other process can have at the same time. Every file is
/// whole at any moment (see atomic_file.h).
class RunDirectory {
 public:
  /// Makes the folder if need be. Throws Error(kUsage) if another process has it, or if it holds a
  /// run and `existing` is kRefuse, or a report.html that is not ours; Error(kOutput) if it cannot
  /// be made.
  RunDirectory(const std::filesystem::path& dir, Existing existing);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  const std::filesystem::path& path() const { return dir_; }
  std::filesystem::path checkpoint() const { return dir_ / "checkpoint.safetensors"; }

  // These do nothing to files that are not there.

  void remove_run() const;
  void remove_result() const;  ///< and the report on it
  void remove_model() const;

  void save_config(const std::string& toml) const;
  void save_model(const std::string& bytes) const;
  void save_checkpoint(const std::string& bytes) const;
  void save_report(const std::string& html) const;  ///< not over a file that is no report
  void save_result(const std::string& json) const;

  /// Appends a line to metrics.jsonl.
  void add_metrics(const std::string& json);

  /// What metrics.jsonl holds.
  const std::string& metrics() const { return metrics_; }

  /// Keeps of metrics.jsonl only the first `epochs` lines.
  void keep_metrics(std::int64_t epochs);

 private:
  void take_lock();
  void remove_report() const;

  std::filesystem::path dir_;
  int lock_ = -1;
  std::string metrics_;
};

/// result.json of the run in the folder; none if it has none.
std::optional<std::string> stored_result(const std::filesystem::path& dir);

}  // namespace mnist
