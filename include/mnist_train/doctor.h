#pragma once

#include <string>

#include "mnist_train/exit_code.h"
#include "mnist_train/options.h"

namespace mnist {

struct Diagnosis {
  std::string text;    ///< lines: versions, threads, each place where data is looked for, --out
  ExitCode exit_code;  ///< that of the first problem that would stop a run
};

/// What a run with these options would find. Leaves everything as it was.
Diagnosis diagnose(const Options& options);

}  // namespace mnist
