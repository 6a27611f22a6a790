#pragma once

#include <array>
#include <utility>

#include "mnist_train/error.h"

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

/// The code of a command that fails with such an error.
constexpr ExitCode exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return ExitCode::kUsage;
    case ErrorKind::kData:
      return ExitCode::kData;
    case ErrorKind::kModel:
      return ExitCode::kModel;
    case ErrorKind::kOutput:
      return ExitCode::kOutput;
    case ErrorKind::kInternal:
      break;
  }
  return ExitCode::kInternal;
}

}  // namespace mnist
