#include <spdlog/spdlog.h>

#include <filesystem>

#include "base/fail.h"
#include "base/file.h"
#include "base/text.h"
#include "commands/commands.h"
#include "report/report.h"
#include "run/directory.h"
#include "run/predictions.h"
#include "terminal/console.h"

namespace mnist {

ExitCode report_command(const ReportOptions& options) {
  std::vector<RunRecord> runs;
  std::vector<std::string> skipped;
  for (const std::string& dir : options.runs) {
    try {
      runs.push_back(read_run(dir));
    } catch (const Error& error) {
      if (!is_there(dir)) throw;
      skipped.emplace_back(error.what());
    }
  }
  if (runs.empty()) fail(ErrorKind::kModel, "{}", first_of(skipped, 1));
  set_up_log(Verbosity::kQuiet);
  for (const std::string& line : skipped) spdlog::warn("skipped {}", printable(line));
  for (const std::size_t run : runs_in_detail(runs)) {
    find_misclassified_again(runs[run], kReportMisclassified);
  }
  std::filesystem::path page = options.html;
  if (page.empty() && options.runs.size() == 1) {
    page = std::filesystem::path(options.runs.front()) / kReportFile;
  }
  if (page.empty()) page = kReportFile;
  write_file(page, report_page(runs, skipped));
  write_out(printable(full_name(page)) + "\n");
  return ExitCode::kDone;
}

}  // namespace mnist
