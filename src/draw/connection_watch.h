#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <utility>

namespace mnist {

/// Bounds what a connection to a TCP port of this process may take, from outside of the library
/// that serves it: cpp-httplib bounds each read of a request, but not their number, so that one
/// who sends a byte now and then, or a header without an end, would keep a thread or fill memory.
class ConnectionWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// On Linux only; elsewhere no limit.
  static constexpr std::uint64_t kMaxBytes = std::uint64_t{1024} * 1024;

  explicit ConnectionWatch(int port) : port_(port) {}

  /// Answers 408 to each connection that was there `max_age` ago and 413 to each that has sent more
  /// than kMaxBytes, and shuts it. To be called again and again; `now` never goes back.
  void check(Clock::time_point now, Clock::duration max_age);

 private:
  using Connection = std::pair<int, int>;  // the file descriptor, and the port of the other end

  int port_;
  std::map<Connection, Clock::time_point> since_;  // when each was first seen
};

}  // namespace mnist
