#include <gtest/gtest.h>

#include "cli/usage_error.h"

namespace mnist {
namespace {

const std::vector<std::string> kOptions{"--epochs", "--batch", "--lr", "--seed"};

TEST(Nearest, FindsAWordAFewEditsAway) {
  EXPECT_EQ(nearest("--epoch", kOptions), "--epochs");
  EXPECT_EQ(nearest("--bacth", kOptions), "--batch");
  EXPECT_EQ(nearest("--l", kOptions), "--lr");
}

TEST(Nearest, FindsTheWordThatALongerOneBeginsWith) {
  EXPECT_EQ(nearest("--batch-size", kOptions), "--batch");
}

TEST(Nearest, FindsNothingThatWouldNotHelp) {
  EXPECT_EQ(nearest("--optimizer", kOptions), std::nullopt);
  EXPECT_EQ(nearest("--epoch", {}), std::nullopt);
}

}  // namespace
}  // namespace mnist
