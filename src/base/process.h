#pragma once

#include <string>

#include "mnist_train/error.h"

namespace mnist {

/// What the process tells its caller. Scripts rely on these numbers; --help explains them.
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

/// The value of an environment variable; empty if it is not set.
std::string environment(const char* name);

/// The CPUs that this process may use: as its affinity (which batch systems and taskset set)
/// and the quota of its cgroup (which containers have) allow. At least 1.
int usable_cpus();

/// From now on a limit on the size of files and a broken pipe do not end the process, and the first
/// SIGINT, SIGTERM, SIGHUP (the terminal is gone), SIGXCPU, SIGUSR1 or SIGUSR2 (batch systems send
/// these before they take a machine away) is only noted, but SIGUSR1 gives way to a later one. The
/// second SIGINT or SIGTERM ends the process at once, as the functions below say; the others never
/// do, because machines may send several of them. A signal that was ignored when the program began
/// stays ignored: by nohup, or by a shell for a job in the background.
void watch_signals();

/// Notes which signals are ignored. To be called before the libraries are initialized,
/// since some set handlers of their own: UCX, which Debian 13's LibTorch loads, for SIGHUP.
void note_ignored_signals();

/// What to do after watch_signals() if the program that reads the output has ended. Returns true if
/// a signal was noted (Ctrl-C ends that program, too), so that what matters is to save. Else ends
/// the process by SIGPIPE or, if that was ignored when the program began, returns false.
bool is_stopped_with_reader();

/// Forgets that this signal was noted.
void forget_signal(int number);

/// The signal that was noted; 0 if none.
int noted_signal();

/// 130 for SIGINT and 143 for the others.
ExitCode exit_code_of(int signal);

/// Ends the process by SIGINT if that was noted and `code` does not say that something could not be
/// saved. A shell ends a loop of runs only if the run died of Ctrl-C, and $? is 130 in either case.
/// Source: M. Cracauer, "Proper handling of SIGINT/SIGQUIT", cons.org/cracauer/sigint.html.
void pass_interrupt_on(ExitCode code);

}  // namespace mnist
