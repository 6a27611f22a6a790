#pragma once

#include <vector>

#include "report/html.h"
#include "run/stored_run.h"

namespace mnist {

/// The accuracy of each digit, with its interval. A part of a report, see report_sections.h.
Html digits_section(const std::vector<StoredRun>& runs);

}  // namespace mnist
