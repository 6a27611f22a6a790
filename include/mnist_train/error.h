#pragma once

#include <stdexcept>
#include <string>

namespace mnist {

/// What an Error is about.
enum class ErrorKind {
  kInternal,
  kUsage,   ///< options that are out of range, in conflict, or not for this machine
  kData,    ///< a data set that is missing or corrupt
  kModel,   ///< a model or a checkpoint that is unusable
  kOutput,  ///< a file that could not be written
};

/// A failure that the caller can act on. what() is one line: where, and what was expected and
/// found.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace mnist
