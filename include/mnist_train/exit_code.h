#pragma once

namespace mnist {

/// What the process tells its caller; scripts rely on these numbers.
enum class ExitCode : int {
  kDone = 0,
  kInternal = 1,
  kUsage = 2,
  kData = 3,              ///< data missing or corrupt
  kDiverged = 4,          ///< the training loss is not finite
  kModel = 5,             ///< model or checkpoint unusable
  kBelowMinAccuracy = 6,  ///< test accuracy below --min-accuracy
  kOutput = 7,            ///< output could not be written
  kInterrupted = 130,     ///< stopped by SIGINT, after saving
  kTerminated = 143,      ///< stopped by SIGTERM or SIGUSR1, after saving
};

}  // namespace mnist
