#include "base/process.h"

#include <signal.h>  // not <csignal>, which has no sigaction
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <initializer_list>

namespace mnist {
namespace {

std::atomic<int> noted{0};  // lock-free, so a handler may use it

// May call nothing that is not safe in a signal handler.
void note(int signal) {
  if (noted != 0) _exit(static_cast<int>(exit_code_of(signal)));
  noted = signal;
}

}  // namespace

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void watch_signals() {
  noted = 0;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaction(signal, &action, nullptr);
  signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of write()
}

int noted_signal() { return noted; }

const char* signal_name(int signal) {
  if (signal == SIGINT) return "SIGINT";
  return signal == SIGTERM ? "SIGTERM" : "SIGUSR1";
}

ExitCode exit_code_of(int signal) {
  return signal == SIGINT ? ExitCode::kInterrupted : ExitCode::kTerminated;
}

}  // namespace mnist
