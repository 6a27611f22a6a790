#pragma once

#include <atomic>
#include <cstddef>
#include <thread>

namespace mnist {

/// A point where threads wait for each other, for waits so short that sleeping would take longer
/// than the wait itself. A waiting thread spins; after a while it also lets other threads use its
/// core, because one of them may be the very thread that it waits for.
class Barrier {
 public:
  explicit Barrier(std::size_t threads) : threads_(threads) {}

  /// Returns when all threads have called it. Afterwards each thread sees what the others wrote
  /// before they called it.
  void wait() {
    constexpr int kSpins = 2000;
    const std::size_t round = round_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
      arrived_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
      return;
    }
    for (int spins = 0; round_.load(std::memory_order_acquire) == round; ++spins) {
      spins < kSpins ? pause() : std::this_thread::yield();
    }
  }

 private:
  static constexpr std::size_t kCacheLine = 64;

  /// Tells the processor that this thread only waits.
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  const std::size_t threads_;
  alignas(kCacheLine) std::atomic<std::size_t> arrived_{0};
  alignas(kCacheLine) std::atomic<std::size_t> round_{0};
};

}  // namespace mnist
