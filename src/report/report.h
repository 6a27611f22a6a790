#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "run/record.h"

namespace mnist {

constexpr std::size_t kReportMisclassified = 24;  ///< misclassified images of a run on a page

/// The positions of the runs that a page shows with curves, digits, confusion matrices and images:
/// up to six in their order; of more, the six with the best test accuracy, the best first.
std::vector<std::size_t> runs_in_detail(const std::vector<RunRecord>& runs);

/// A page of HTML about one run, or about several. It holds its style and images, has no script and
/// loads nothing. If two have the same name, all are called by their paths. `skipped` says what was
/// left out, and why, a line each.
std::string report_page(std::vector<RunRecord> given, const std::vector<std::string>& skipped = {});

}  // namespace mnist
