#pragma once

#include <string>

#include "mnist_train/error.h"
#include "mnist_train/options.h"

namespace mnist {

struct Diagnosis {
  std::string text;    ///< lines: versions, threads, the data found or the places tried, --out
  ExitCode exit_code;  ///< that of the first problem that would stop a run
};

/// What a run with these options would find. Leaves everything as it was.
Diagnosis diagnose(const Options& options);

}  // namespace mnist
