#include "base/base64.h"

#include <gtest/gtest.h>

namespace mnist {
namespace {

// The test vectors of RFC 4648, section 10.
TEST(Base64, FillsUpTheLastFourLetters) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, TakesBytesOfAnyValue) {
  EXPECT_EQ(base64({"\xff\xff\xff\0\0\0", 6}), "////AAAA");
  EXPECT_EQ(base64("\xfb\xef\xbe"), "++++");
}

}  // namespace
}  // namespace mnist
