#pragma once

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

namespace mnist {

/// What the process tells its caller; scripts rely on these numbers.
enum class ExitCode : int {
  kDone = 0,
  kInternal = 1,
  kUsage = 2,
  kData = 3,
  kDiverged = 4,  ///< the loss, or the weights, are not finite
  kModel = 5,
  kBelowMinAccuracy = 6,
  kOutput = 7,
  kInterrupted = 130,  ///< after saving
  kTerminated = 143,   ///< after saving
};

constexpr std::array<std::pair<ExitCode, const char*>, 10> kExitCodes{{
    {ExitCode::kDone, "done"},
    {ExitCode::kInternal, "internal error"},
    {ExitCode::kUsage, "usage"},
    {ExitCode::kData, "data missing or corrupt"},
    {ExitCode::kDiverged, "training diverged"},
    {ExitCode::kModel, "model or checkpoint unusable"},
    {ExitCode::kBelowMinAccuracy, "accuracy below --min-accuracy"},
    {ExitCode::kOutput, "output could not be written"},
    {ExitCode::kInterrupted, "stopped by SIGINT"},
    {ExitCode::kTerminated, "stopped by SIGTERM, SIGHUP, SIGXCPU, SIGUSR1 or SIGUSR2"},
}};

/// A failure that the user can act on. what() is one line: what was expected, what was found,
/// where, and what to do; code() is the exit code of the process if nobody handles it.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// Throws an Error whose message is made as by fmt::format(): fail(ExitCode::kData, "{}: expected
/// {} labels, found {}", file, 10, 9). Source of the syntax: fmt.dev, "Format String Syntax".
template <typename... Values>
[[noreturn]] void fail(ExitCode code, fmt::format_string<Values...> format, Values&&... values) {
  throw Error(code, fmt::format(format, std::forward<Values>(values)...));
}

}  // namespace mnist
