#pragma once

#include <vector>

#include "mnist_train/html.h"
#include "mnist_train/stored_run.h"

namespace mnist {

// The parts of a report that show the digits of the test, see report_sections.h.

/// The accuracy of each digit, with its interval.
Html digits_section(const std::vector<StoredRun>& runs);

/// A confusion matrix for each run, as a heat map.
Html confusion_section(const std::vector<StoredRun>& runs);

}  // namespace mnist
