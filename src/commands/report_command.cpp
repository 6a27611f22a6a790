#include <filesystem>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/printable.h"
#include "base/read_file.h"
#include "commands/commands.h"
#include "mnist_train/data.h"
#include "mnist_train/error.h"
#include "mnist_train/evaluation.h"
#include "report/report.h"
#include "run/checkpoint.h"
#include "run/run_directory.h"
#include "run/stored_run.h"
#include "terminal/console.h"
#include "train/classifier.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

/// Finds the mistakes of a run's model again, if model and data are still those of the run.
void add_mistakes(StoredRun& run) {
  if (!run.test) return;
  try {
    const Mlp model = read_model(run.dir);
    const Dataset data = load_split(run.data_dir, Split::kTest, run.test_images);
    if (evaluate(model, data).confusion.counts == run.test->confusion.counts) {
      run.mistakes = most_confident(find_mistakes(model, data), kReportMistakes);
    } else {
      run.no_mistakes = "Not shown: on the data that is there now, the model gives another result.";
    }
  } catch (const Error& error) {
    run.no_mistakes = std::string("Not shown: ") + error.what() + ".";
  }
}

fs::path page_path(const ReportOptions& options) {
  if (!options.html.empty()) return options.html;
  return options.runs.size() == 1 ? fs::path(options.runs.front()) / kReportFile : kReportFile;
}

}  // namespace

ExitCode report_command(const ReportOptions& options) {
  std::vector<StoredRun> runs;
  for (const std::string& dir : options.runs) {
    runs.push_back(read_run(dir));
    add_mistakes(runs.back());
  }
  const fs::path file = page_path(options);
  replace_own(file, report_page(runs), kReportMark, "a report");
  write_out(printable(full_name(file)) + "\n");
  return ExitCode::kDone;
}

}  // namespace mnist
