#include "model/float_format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

namespace mnist {
namespace {

float read(const char* dtype, std::uint64_t bits) {
  char bytes[sizeof(bits)];
  std::memcpy(bytes, &bits, sizeof(bits));
  return float_format(dtype)->read(bytes);
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// The examples of half precision in IEEE 754-2008 and its usual descriptions.
TEST(FloatFormat, ReadsHalves) {
  const std::vector<std::pair<int, float>> cases{{0x0000, 0.0F},
                                                 {0x0001, 5.9604644775390625e-8F},
                                                 {0x03ff, 6.0975551605224609e-5F},
                                                 {0x0400, 6.103515625e-5F},
                                                 {0x3555, 0.333251953125F},
                                                 {0x3bff, 0.99951171875F},
                                                 {0x3c00, 1.0F},
                                                 {0x3c01, 1.0009765625F},
                                                 {0x7bff, 65504.0F},
                                                 {0x7c00, kInfinity},
                                                 {0xfc00, -kInfinity},
                                                 {0xc000, -2.0F},
                                                 {0x83ff, -6.0975551605224609e-5F}};
  for (const auto& [bits, value] : cases) EXPECT_EQ(read("F16", bits), value) << bits;
  EXPECT_TRUE(std::signbit(read("F16", 0x8000)));
  EXPECT_TRUE(std::isnan(read("F16", 0x7e00)));
  EXPECT_TRUE(std::isnan(read("F16", 0x7c01)));
}

TEST(FloatFormat, ReadsTheOtherTypes) {
  EXPECT_EQ(read("BF16", 0x3f80), 1.0F);
  EXPECT_EQ(read("BF16", 0xc049), -3.140625F);
  EXPECT_EQ(read("BF16", 0x0001), std::ldexp(1.0F, -133));
  EXPECT_EQ(read("BF16", 0xff80), -kInfinity);
  EXPECT_EQ(read("F32", 0x40490fdb), 3.14159274F);
  EXPECT_EQ(read("F64", 0x400921fb54442d18), 3.14159274F);
  EXPECT_EQ(read("F64", 0x7fefffffffffffff), kInfinity);  // the largest double
  EXPECT_EQ(read("F64", 0x1), 0.0F);
}

TEST(FloatFormat, KnowsHowLongANumberIs) {
  EXPECT_EQ(float_format("F64")->bytes, 8U);
  EXPECT_EQ(float_format("F32")->bytes, 4U);
  EXPECT_EQ(float_format("F16")->bytes, 2U);
  EXPECT_EQ(float_format("BF16")->bytes, 2U);
  for (const char* other : {"I64", "I8", "BOOL", "F8_E4M3", "f32", ""}) {
    EXPECT_EQ(float_format(other), nullptr) << other;
  }
}

}  // namespace
}  // namespace mnist
