#pragma once

#include "run/folder.h"
#include "run/record.h"

namespace mnist {

// The names that the report has for these until it is merged.
using StoredRun = RunRecord;
using StoredEpoch = EpochResult;

}  // namespace mnist
