#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "run/record.h"

namespace mnist {

constexpr std::size_t kReportMistakes = 24;  ///< how many mistakes of a run a page shows

/// A page of HTML about one run, or about several side by side. It holds its style and pictures,
/// has no script and loads nothing. Runs of the same name are called by as many of the last parts
/// of their paths as tell them apart.
std::string report_page(const std::vector<RunRecord>& runs);

}  // namespace mnist
