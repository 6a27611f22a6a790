#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "run/options.h"
#include "run/record.h"

namespace mnist {

/// Reads the run in a directory. The result does not depend on metrics.jsonl and predictions.csv:
/// either may be missing, and a predictions.csv that cannot be used is no error, but makes
/// run.no_predictions. Throws Error(kModel) as read_result() and read_history() do.
RunRecord read_run(const std::filesystem::path& dir);

/// What result.json says, if the directory holds a completed run with these settings on the data in
/// `data_dir`, or in a directory below it. If `data_dir` is empty, on any data.
std::optional<RunRecord> completed_run(const std::filesystem::path& dir,
                                       const std::vector<Setting>& config,
                                       const std::string& data_dir);

}  // namespace mnist
