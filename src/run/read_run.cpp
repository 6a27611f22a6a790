#include <algorithm>
#include <map>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "run/predictions.h"
#include "run/record.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

void read_predictions(RunRecord& run) {
  const fs::path file = run.dir / kPredictionsFile;
  if (!is_there(file)) return;
  try {
    std::vector<TestPrediction> predictions =
        parse_predictions(read_file(file, ErrorKind::kModel), file.string());
    const auto correct = std::ranges::count_if(predictions, &TestPrediction::is_correct);
    const auto total = static_cast<std::int64_t>(predictions.size());
    if (!run.test || correct != run.test->confusion.correct() ||
        total != run.test->confusion.total()) {
      fail(ErrorKind::kModel, "{}: not the predictions that result.json counts", file.string());
    }
    run.predictions = std::move(predictions);
  } catch (const Error& error) {
    run.no_predictions = std::string(error.what()) + ".";
  }
}

/// By name. Numbers and strings that are written in another way are the same.
std::map<std::string, std::string> values_of(const std::vector<Setting>& settings) {
  std::map<std::string, std::string> values;
  for (const Setting& setting : settings) values[setting.name] = plain_value(setting);
  return values;
}

bool is_in(const fs::path& path, const fs::path& dir) {
  return std::mismatch(dir.begin(), dir.end(), path.begin(), path.end()).first == dir.end();
}

}  // namespace

RunRecord read_run(const fs::path& dir) {
  const fs::path result = dir / kResultFile;
  if (!is_there(result) && is_there(dir / kCheckpointFile)) {
    fail(ErrorKind::kModel, "{}: this run has not ended; continue with --resume", full_name(dir));
  }
  RunRecord run = read_result(result);
  run.dir = directory_path(dir);
  run.name = run.dir.filename().string();
  run.history = read_history(dir);
  read_predictions(run);
  return run;
}

std::optional<RunRecord> completed_run(const fs::path& dir, const std::vector<Setting>& config) {
  try {
    RunRecord run = read_result(dir / kResultFile);
    auto stored = values_of(run.config);
    auto wanted = values_of(config);
    const bool is_same_data = is_in(run.data_dir, wanted["data"]);
    stored.erase("data");
    wanted.erase("data");
    if (run.status == kStatusCompleted && is_same_data && stored == wanted) return run;
  } catch (const Error&) {  // there is no result, or none of ours
  }
  return std::nullopt;
}

}  // namespace mnist
