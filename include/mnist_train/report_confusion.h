#pragma once

#include <vector>

#include "mnist_train/html.h"
#include "mnist_train/stored_run.h"

namespace mnist {

/// A confusion matrix for each run, as a heat map. A part of a report, see report_sections.h.
Html confusion_section(const std::vector<StoredRun>& runs);

}  // namespace mnist
