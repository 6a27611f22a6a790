#include "base/process.h"

#include <sched.h>
#include <signal.h>  // not <csignal>, which has no sigaction
#include <time.h>    // not <ctime>, which has no clock_gettime
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bitset>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>

namespace mnist {
namespace {

constexpr std::array kWatched{SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGUSR1, SIGUSR2};

// Lock-free, so a handler may use them.
std::atomic<int> noted{0};
std::atomic<std::int64_t> asked_at{0};  // milliseconds; of the first SIGINT or SIGTERM

std::bitset<NSIG> ignored_at_start;

// This and the next may call nothing that is not safe in a signal handler.
[[noreturn]] void end_by(int number) {
  if (number == SIGINT) {
    signal(SIGINT, SIG_DFL);
    raise(SIGINT);
  }
  // The first process of a container cannot be killed.
  _exit(static_cast<int>(exit_code_of(number)));
}

void note(int number) {
  int none = 0;
  const bool is_first = noted.compare_exchange_strong(none, number);
  if (!is_first && none == SIGUSR1) noted = number;  // which ends one of several jobs only
  if (number != SIGINT && number != SIGTERM) return;
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t at = std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
  std::int64_t first = 0;
  if (asked_at.compare_exchange_strong(first, at)) return;
  // timeout(1) and others send a signal to the process and to its group: that is one request.
  constexpr std::int64_t kSameRequest = 100;
  if (at - first >= kSameRequest) end_by(number);
}

/// The CPUs' worth of time that the cgroup (version 2) may use; none or 0 without a limit.
double cgroup_quota() {
  std::string path;
  std::ifstream groups("/proc/self/cgroup");
  while (std::getline(groups, path) && !path.starts_with("0::")) {
  }
  if (path.empty()) return 0;
  std::ifstream limit("/sys/fs/cgroup" + path.substr(3) + "/cpu.max");
  double quota = 0;  // the word "max" is no number
  double period = 1;
  return limit >> quota >> period ? quota / period : 0;
}

}  // namespace

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int usable_cpus() {
  cpu_set_t set{};  // of up to 1024
  sched_getaffinity(0, sizeof set, &set);
  const int count = std::max(1, CPU_COUNT(&set));
  const double quota = cgroup_quota();
  return quota > 0 ? std::min(count, static_cast<int>(std::ceil(quota))) : count;
}

void note_ignored_signals() {
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    sigaction(number, nullptr, &action);
    ignored_at_start[number] = action.sa_handler == SIG_IGN;
  }
}

void watch_signals() {
  noted = 0;
  asked_at = 0;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART | SA_NODEFER;  // so that the handler can end the process
  sigemptyset(&action.sa_mask);
  for (const int number : kWatched) {
    if (ignored_at_start[number]) {
      signal(number, SIG_IGN);
    } else {
      sigaction(number, &action, nullptr);
    }
  }
  signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of write()
  signal(SIGPIPE, SIG_IGN);
}

bool is_stopped_with_reader() {
  if (noted == 0 && !ignored_at_start[SIGPIPE]) {
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
  }
  return noted != 0;
}

void forget_signal(int number) { noted.compare_exchange_strong(number, 0); }

int noted_signal() { return noted; }

ExitCode exit_code_of(int signal) {
  return signal == SIGINT ? ExitCode::kInterrupted : ExitCode::kTerminated;
}

void pass_interrupt_on(ExitCode code) {
  const bool is_saved = code != ExitCode::kOutput && code != ExitCode::kInternal;
  if (noted == SIGINT && is_saved) end_by(SIGINT);
}

}  // namespace mnist
