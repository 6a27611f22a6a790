#pragma once

#include <stdexcept>
#include <string>

#include "mnist_train/exit_code.h"

namespace mnist {

/// A failure that the user can act on. what() is one line: what was expected, what was found,
/// where, and what to do; code() is the exit code of the process if nobody handles it.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace mnist
