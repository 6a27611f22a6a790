#include "cli/nearest.h"

#include <gtest/gtest.h>

namespace mnist {
namespace {

const std::vector<std::string> kOptions{"--epochs", "--batch", "--lr", "--seed"};

TEST(Nearest, FindsAWordAFewEditsAway) {
  EXPECT_EQ(nearest("--epoch", kOptions), "--epochs");
  EXPECT_EQ(nearest("--bacth", kOptions), "--batch");
  EXPECT_EQ(nearest("--sede", kOptions), "--seed");
}

TEST(Nearest, FindsTheWordThatALongerOneBeginsWith) {
  EXPECT_EQ(nearest("--batch-size", kOptions), "--batch");
}

TEST(Nearest, FindsTheWordThatBeginsWithAShorterOne) {
  EXPECT_EQ(nearest("--ep", kOptions), "--epochs");
}

TEST(Nearest, FindsNothingThatWouldNotHelp) {
  EXPECT_EQ(nearest("--optimizer", kOptions), std::nullopt);
  EXPECT_EQ(nearest("--epoch", {}), std::nullopt);
  for (const char* letters : {"--wd", "--lt", "--l", "-x", "--", ""}) {
    EXPECT_EQ(nearest(letters, kOptions), std::nullopt) << letters;
  }
  EXPECT_EQ(nearest("--rate", {"--data"}), std::nullopt);
}

}  // namespace
}  // namespace mnist
