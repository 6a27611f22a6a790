#include "sparse/team.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <thread>

namespace mnist {
namespace {

using std::chrono::milliseconds;

TEST(Team, ShowsEachMemberWhatTheOthersWroteBefore) {
  constexpr std::size_t kMembers = 3;
  constexpr int kRounds = 2000;
  std::array<int, kMembers> written{};
  std::array<int, kMembers> unseen{};
  run_together(kMembers, [&](Member& member) noexcept {
    const std::size_t me = member.share(kMembers).begin;
    for (int round = 1; round <= kRounds; ++round) {
      written[me] = round;
      member.wait();
      for (const int other : written) unseen[me] += static_cast<int>(other != round);
      member.wait();
    }
  });
  EXPECT_EQ(unseen, (std::array<int, kMembers>{}));
}

TEST(Team, SharesOutAllThatThereIs) {
  for (const std::size_t members : {1, 2, 3, 7}) {
    for (const std::size_t count : {0, 1, 2, 20, 785}) {
      Barrier barrier(members);
      std::size_t next = 0;
      for (std::size_t i = 0; i < members; ++i) {
        const Range share = Member(i, members, barrier).share(count);
        EXPECT_EQ(share.begin, next);
        EXPECT_LE(share.size(), count / members + 1);
        next = share.end;
      }
      EXPECT_EQ(next, count);
    }
  }
}

TEST(Team, LetsAMemberAlonePass) {
  Barrier barrier(1);
  Member member(0, 1, barrier);
  member.wait();
  member.wait();
  EXPECT_FALSE(member.waits_in_vain(1));
}

/// Whether the leader waits in vain, `times` in a row, for another that is late by so much each
/// time.
bool waits_in_vain(milliseconds delay, int times) {
  bool result = false;
  run_together(2, [&](Member& member) noexcept {
    for (int i = 0; i < 10; ++i) {
      std::this_thread::sleep_for(member.leads() ? milliseconds(0) : delay);
      member.wait();
      if (member.leads()) result = result || member.waits_in_vain(times);
      member.wait();
    }
  });
  return result;
}

TEST(Team, NoticesThatItWaitsInVain) {
  EXPECT_TRUE(waits_in_vain(milliseconds(40), 1));
  EXPECT_TRUE(waits_in_vain(milliseconds(40), 3));
  EXPECT_FALSE(waits_in_vain(milliseconds(40), 11));  // it looks ten times only
}

TEST(Team, LeavesAllToTheLeaderWhoGoesOnAlone) {
  std::array<int, 5> done{};
  run_together(2, [&](Member& member) noexcept {
    member.wait();
    if (!member.leads()) return;
    member.go_on_alone();
    const auto [begin, end] = member.share(done.size());
    for (std::size_t i = begin; i < end; ++i) ++done[i];
    member.wait();  // for nobody
  });
  EXPECT_EQ(done, (std::array<int, 5>{1, 1, 1, 1, 1}));
}

}  // namespace
}  // namespace mnist
