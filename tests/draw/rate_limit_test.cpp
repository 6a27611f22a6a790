#include "draw/rate_limit.h"

#include <gtest/gtest.h>

namespace mnist {
namespace {

using std::chrono::milliseconds;

int allowed(RateLimit& limit, int tries, RateLimit::Clock::time_point now) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limit.allows(now) ? 1 : 0;
  return count;
}

TEST(RateLimit, LetsABurstThroughAndThenTheRate) {
  RateLimit limit(10, 5);
  const auto start = RateLimit::Clock::now();
  EXPECT_EQ(allowed(limit, 20, start), 5);
  EXPECT_EQ(allowed(limit, 20, start + milliseconds(99)), 0);
  EXPECT_EQ(allowed(limit, 20, start + milliseconds(101)), 1);
  EXPECT_EQ(allowed(limit, 20, start + milliseconds(401)), 3);
}

TEST(RateLimit, SavesUpNoMoreThanABurst) {
  RateLimit limit(10, 5);
  const auto start = RateLimit::Clock::now();
  EXPECT_EQ(allowed(limit, 5, start), 5);
  EXPECT_EQ(allowed(limit, 20, start + std::chrono::hours(1)), 5);
}

}  // namespace
}  // namespace mnist
