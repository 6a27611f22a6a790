#pragma once

#include <vector>

#include "report/html.h"
#include "run/stored_run.h"

namespace mnist {

/// A confusion matrix for each run, as a heat map. A part of a report, see report_sections.h.
Html confusion_section(const std::vector<StoredRun>& runs);

}  // namespace mnist
