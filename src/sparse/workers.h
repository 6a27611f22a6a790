#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <thread>
#include <type_traits>
#include <vector>

#include "kernels/storage.h"

namespace mnist {

/// A reusable barrier for waits that are usually shorter than going to sleep takes. A waiting
/// thread spins first, then yields, and only then sleeps: the thread that it waits for may need its
/// CPU.
class Barrier {
 public:
  explicit Barrier(std::size_t threads) : threads_(threads) {}

  /// Blocks until all threads have called it. Afterwards each thread sees what the others wrote
  /// before.
  void wait() {
    constexpr std::chrono::milliseconds kAwake{1};
    const std::uint32_t round = round_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
      arrived_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
      round_.notify_all();
      return;
    }
    if (spin(round)) return;
    const Clock::time_point start = Clock::now();
    Clock::time_point now = start;
    while (now - start < kAwake && round_.load(std::memory_order_acquire) == round) {
      std::this_thread::yield();
      now = Clock::now();
    }
    round_.wait(round, std::memory_order_acquire);
    waited_.fetch_add((Clock::now() - start).count(), std::memory_order_relaxed);
  }

  /// The total time that all threads have waited, not counting waits of microseconds.
  std::chrono::nanoseconds waited() const {
    return Clock::duration(waited_.load(std::memory_order_relaxed));
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kCacheLine = 64;

  /// Spins for some microseconds. Returns whether the round has ended. A hypervisor may deschedule
  /// a CPU that spins for longer.
  bool spin(std::uint32_t round) const {
    constexpr int kSpins = 500;
    for (int i = 0; i < kSpins; ++i) {
      if (round_.load(std::memory_order_acquire) != round) return true;
      pause();
    }
    return false;
  }

  /// Tells the CPU that this is a spin loop.
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  const std::size_t threads_;
  std::atomic<Clock::rep> waited_{0};
  alignas(kCacheLine) std::atomic<std::size_t> arrived_{0};
  alignas(kCacheLine) std::atomic<std::uint32_t> round_{0};  // 32 bits, as a futex
};

/// One of several threads that divide work.
class Worker {
 public:
  Worker(std::size_t index, std::size_t workers, Barrier& barrier)
      : index_(index), workers_(workers), barrier_(barrier) {}

  std::size_t index() const { return index_; }
  /// Whether this is the main thread: the one that called run_workers().
  bool is_main() const { return index_ == 0; }

  /// This worker's part of the numbers 0 .. count-1.
  Range share(std::size_t count) const {
    return {count * index_ / workers_, count * (index_ + 1) / workers_};
  }

  /// Waits for the others.
  void wait() {
    if (workers_ > 1) barrier_.wait();
  }

  /// Whether one worker alone would be faster, because other programs use the CPUs: whether the
  /// workers have waited too long in this many periods in a row. One long wait may be accidental.
  bool waits_too_long(int times) {
    constexpr std::chrono::milliseconds kPeriod{30};
    constexpr double kTooMuch = 0.7;  // of the time that the other workers could save
    if (workers_ == 1) return false;
    const auto now = std::chrono::steady_clock::now();
    if (now - since_ < kPeriod) return false;
    const std::chrono::duration<double> waited = barrier_.waited() - waited_before_;
    const std::chrono::duration<double> could_save =
        (now - since_) * static_cast<double>(workers_ - 1);
    since_ = now;
    waited_before_ = barrier_.waited();
    too_long_ = waited > kTooMuch * could_save ? too_long_ + 1 : 0;
    return too_long_ >= times;
  }

  /// From now on this worker, the main thread, does all the work and waits for no other. The others
  /// must return.
  void continue_alone() { workers_ = 1; }

 private:
  std::size_t index_;
  std::size_t workers_;
  Barrier& barrier_;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  std::chrono::nanoseconds waited_before_{};
  int too_long_ = 0;  ///< periods in a row
};

/// Calls task(worker) for each of `count` workers: the first in the calling thread, the others each
/// in a new one. A task must not throw, because the other threads would wait for it forever. Throws
/// std::system_error if a thread cannot be started; then no task has begun.
template <typename Task>
void run_workers(std::size_t count, const Task& task) {
  static_assert(std::is_nothrow_invocable_v<Task, Worker&>);
  Barrier barrier(count);
  std::vector<std::future<void>> others;
  // If it is destroyed without a value, the threads that wait for it end.
  std::promise<void> all_started;
  const std::shared_future<void> start = all_started.get_future().share();
  for (std::size_t i = 1; i < count; ++i) {
    others.push_back(std::async(std::launch::async, [&task, &barrier, start, i, count] {
      start.get();
      Worker worker(i, count, barrier);
      task(worker);
    }));
  }
  all_started.set_value();
  Worker main(0, count, barrier);
  task(main);
  for (std::future<void>& other : others) other.get();
}

}  // namespace mnist
