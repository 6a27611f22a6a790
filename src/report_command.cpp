#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "mnist_train/atomic_file.h"
#include "mnist_train/checkpoint.h"
#include "mnist_train/classifier.h"
#include "mnist_train/commands.h"
#include "mnist_train/console.h"
#include "mnist_train/dataset.h"
#include "mnist_train/error.h"
#include "mnist_train/evaluation.h"
#include "mnist_train/report.h"
#include "mnist_train/run_directory.h"
#include "mnist_train/stored_run.h"

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

/// Throws Error if the file is there and is no page of ours: it is not ours to replace.
void refuse_to_replace_others(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return;
  constexpr std::size_t kHeadBytes = 1024;
  std::string head(kHeadBytes, '\0');
  std::ifstream(file, std::ios::binary).read(head.data(), kHeadBytes);
  if (head.find(kReportMark) != std::string::npos) return;
  throw Error(ExitCode::kOutput, fs::absolute(file).lexically_normal().string() +
                                     ": expected a report to replace, found another file; choose "
                                     "another name with --html");
}

}  // namespace

ExitCode report_command(const ReportOptions& options) {
  std::vector<StoredRun> runs;
  for (const std::string& dir : options.runs) {
    runs.push_back(read_run(dir));
    add_mistakes(runs.back());
  }
  const fs::path file = page_path(options);
  refuse_to_replace_others(file);
  write_atomically(file, report_page(runs));
  write_out(fs::absolute(file).lexically_normal().string() + "\n");
  return ExitCode::kDone;
}

}  // namespace mnist
