#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/process.h"

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

/// Calls task(index, barrier) for each index below `count` in a thread of its own, which is the
/// calling thread for 0. Tasks cannot throw, because the other threads would wait for that one for
/// ever. Throws std::system_error if a thread cannot be started; then no task has begun.
template <typename Task>
void run_together(std::size_t count, const Task& task) {
  static_assert(std::is_nothrow_invocable_v<Task, std::size_t, Barrier&>);
  // It reads files, and this is called several times an epoch.
  static const auto processors = static_cast<std::size_t>(usable_processors());
  Barrier barrier(count, processors);
  std::vector<std::future<void>> others;
  // Destroyed without a value, it ends the threads that wait for it.
  std::promise<void> all_started;
  const std::shared_future<void> start = all_started.get_future().share();
  for (std::size_t i = 1; i < count; ++i) {
    others.push_back(std::async(std::launch::async, [&task, &barrier, start, i] {
      start.get();
      task(i, barrier);
    }));
  }
  all_started.set_value();
  task(0, barrier);
  for (std::future<void>& other : others) other.get();
}

}  // namespace mnist
