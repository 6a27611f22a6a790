#pragma once

#include <atomic>
#include <cstddef>

namespace mnist {

/// Where threads wait for each other, for times so short that sleeping would take longer. A thread
/// spins, and after a while lets others have its core between looks, lest it keep off it the very
/// thread it waits for.
class Barrier {
 public:
  struct Cancelled {};

  explicit Barrier(std::size_t threads) : threads_(threads) {}

  /// Returns when all threads have called it. What they wrote before, all of them see afterwards.
  /// Throws Cancelled in all threads that wait or come to wait after cancel().
  void wait();

  /// For a thread that will not come any more.
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kCacheLine = 64;

  const std::size_t threads_;
  alignas(kCacheLine) std::atomic<std::size_t> arrived_{0};
  alignas(kCacheLine) std::atomic<std::size_t> round_{0};
  std::atomic<bool> cancelled_{false};
};

}  // namespace mnist
