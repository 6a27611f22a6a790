#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "commands/commands.h"
#include "report/report.h"
#include "run/finished_run.h"
#include "run/predictions.h"
#include "terminal/console.h"

namespace mnist {

ExitCode report_command(const ReportOptions& options) {
  std::vector<RunRecord> runs;
  for (const std::string& dir : options.runs) {
    runs.push_back(read_run(dir));
    find_misclassified_again(runs.back(), kReportMistakes);
  }
  std::filesystem::path page = options.html;
  if (page.empty() && runs.size() == 1)
    page = std::filesystem::path(options.runs.front()) / kReportFile;
  if (page.empty()) page = kReportFile;
  write_file(page, report_page(runs));
  write_out(printable(full_name(page)) + "\n");
  return ExitCode::kDone;
}

}  // namespace mnist
