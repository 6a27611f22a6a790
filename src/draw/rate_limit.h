#pragma once

#include <algorithm>
#include <chrono>

namespace mnist {

/// Lets `burst` events through at once and `per_second` in the long run (a token bucket). Not for
/// several threads at a time.
class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;

  RateLimit(double per_second, double burst)
      : per_second_(per_second), burst_(burst), left_(burst) {}

  /// Whether an event may happen now; if so, it counts. `now` never goes back.
  bool allows(Clock::time_point now) {
    const std::chrono::duration<double> passed = now - last_;
    last_ = now;
    left_ = std::min(burst_, left_ + passed.count() * per_second_);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  double per_second_;
  double burst_;
  double left_;
  Clock::time_point last_{};  // long ago
};

}  // namespace mnist
