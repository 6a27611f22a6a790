#pragma once

#include <vector>

#include "report/html.h"
#include "run/stored_run.h"

namespace mnist {

/// The part of a report that says what came out: in words for one run, in a table for several.
Html result_section(const std::vector<StoredRun>& runs);

}  // namespace mnist
