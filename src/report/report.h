#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "run/stored_run.h"

namespace mnist {

constexpr std::size_t kReportMistakes = 24;  ///< how many of a run's make a good page

/// A page of HTML about one run, or about several side by side. It holds its style and pictures,
/// has no script and loads nothing. Runs are called by the end of their paths that tells them
/// apart.
std::string report_page(const std::vector<StoredRun>& runs);

}  // namespace mnist
