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
