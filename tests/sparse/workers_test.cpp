#include "sparse/workers.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <thread>

namespace mnist {
namespace {

TEST(Workers, SeeWhatTheOthersWroteBeforeTheBarrier) {
  constexpr std::size_t kWorkers = 3;
  constexpr int kRounds = 2000;
  std::array<int, kWorkers> written{};
  std::array<int, kWorkers> unseen{};
  run_workers(kWorkers, [&](Worker& worker) noexcept {
    const std::size_t me = worker.index();
    for (int round = 1; round <= kRounds; ++round) {
      written[me] = round;
      worker.wait();
      for (const int other : written) unseen[me] += static_cast<int>(other != round);
      worker.wait();
    }
  });
  EXPECT_EQ(unseen, (std::array<int, kWorkers>{}));
}

// Longer than a thread spins, so that those who wait sleep.
TEST(Workers, WaitForOneThatIsLate) {
  for (const std::size_t late : {0, 1}) {
    int written = 0;
    std::array<int, 3> seen{};
    run_workers(3, [&](Worker& worker) noexcept {
      if (worker.index() == late) {
        std::this_thread::sleep_for(std::chrono::milliseconds(40));
        written = 1;
      }
      worker.wait();
      seen[worker.index()] = written;
    });
    EXPECT_EQ(seen, (std::array<int, 3>{1, 1, 1}));
  }
}

TEST(Workers, ShareOutAllThatThereIs) {
  for (const std::size_t workers : {1, 3, 7}) {
    for (const std::size_t count : {0, 1, 785}) {
      Barrier barrier(workers);
      std::size_t next = 0;
      for (std::size_t i = 0; i < workers; ++i) {
        const Range share = Worker(i, workers, barrier).share(count);
        EXPECT_EQ(share.begin, next);
        EXPECT_LE(share.size(), count / workers + 1);
        next = share.end;
      }
      EXPECT_EQ(next, count);
    }
  }
}

TEST(Workers, AreTheCallingThreadIfThereIsOne) {
  const std::thread::id self = std::this_thread::get_id();
  run_workers(1, [&](Worker& worker) noexcept {
    EXPECT_TRUE(worker.is_main());
    EXPECT_EQ(std::this_thread::get_id(), self);
    worker.wait();  // for nobody
    EXPECT_FALSE(worker.waits_too_long(1));
  });
}

// The main thread looks ten times, after a wait of 40 ms each.
TEST(Workers, NoticeThatTheyWaitTooLong) {
  int most = 0;
  run_workers(2, [&](Worker& worker) noexcept {
    for (int i = 0; i < 10; ++i) {
      if (!worker.is_main()) std::this_thread::sleep_for(std::chrono::milliseconds(40));
      worker.wait();
      if (worker.is_main() && worker.waits_too_long(most + 1)) ++most;
      worker.wait();
    }
  });
  EXPECT_GE(most, 3);
  EXPECT_LE(most, 10);
}

TEST(Workers, LeaveAllToTheMainThreadThatContinuesAlone) {
  std::array<int, 5> done{};
  run_workers(2, [&](Worker& worker) noexcept {
    worker.wait();
    if (!worker.is_main()) return;
    worker.continue_alone();
    const auto [begin, end] = worker.share(done.size());
    for (std::size_t i = begin; i < end; ++i) ++done[i];
    worker.wait();  // for nobody
  });
  EXPECT_EQ(done, (std::array<int, 5>{1, 1, 1, 1, 1}));
}

}  // namespace
}  // namespace mnist
