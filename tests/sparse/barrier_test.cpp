#include "sparse/barrier.h"

#include <gtest/gtest.h>

#include <array>
#include <future>
#include <vector>

namespace mnist {
namespace {

/// How often a thread did not see what another had written before the barrier.
int count_unseen(std::size_t processors) {
  constexpr std::size_t kThreads = 3;
  constexpr int kRounds = 2000;
  Barrier barrier(kThreads, processors);
  std::array<int, kThreads> written{};
  const auto run = [&](std::size_t me) {
    int wrong = 0;
    for (int round = 1; round <= kRounds; ++round) {
      written[me] = round;
      barrier.wait();
      for (const int other : written) wrong += static_cast<int>(other != round);
      barrier.wait();
    }
    return wrong;
  };
  std::vector<std::future<int>> results;
  for (std::size_t i = 0; i < kThreads; ++i) {
    results.push_back(std::async(std::launch::async, run, i));
  }
  int unseen = 0;
  for (std::future<int>& result : results) unseen += result.get();
  return unseen;
}

TEST(Barrier, ShowsEachThreadWhatTheOthersWroteBefore) { EXPECT_EQ(count_unseen(3), 0); }

TEST(Barrier, LetsThreadsSleepWhereProcessorsAreFewer) { EXPECT_EQ(count_unseen(2), 0); }

TEST(Barrier, LetsOneThreadAlonePass) {
  Barrier barrier(1, 1);
  barrier.wait();
  barrier.wait();
}

}  // namespace
}  // namespace mnist
