#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace mnist {

/// A point where threads wait for each other, for waits so short that sleeping would take longer
/// than the wait itself. A waiting thread spins; after a while it also lets other threads use its
/// core, because one of them may be the very thread that it waits for. Where there are fewer
/// processors than threads, that is so at every wait, and waiting threads sleep at once.
class Barrier {
 public:
  Barrier(std::size_t threads, std::size_t processors)
      : threads_(threads), sleeps_(threads > processors) {}

  /// Returns when all threads have called it. Afterwards each thread sees what the others wrote
  /// before they called it.
  void wait() {
    constexpr int kSpins = 2000;
    const std::uint32_t round = round_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
      arrived_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
      if (sleeps_) round_.notify_all();
      return;
    }
    if (sleeps_) return round_.wait(round, std::memory_order_acquire);
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
  const bool sleeps_;
  alignas(kCacheLine) std::atomic<std::size_t> arrived_{0};
  alignas(kCacheLine) std::atomic<std::uint32_t> round_{0};  // of a size that the kernel waits for
};

}  // namespace mnist
