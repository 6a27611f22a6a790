#include "image/digit_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mnist_train/error.h"

namespace mnist {
namespace {

using testing::Each;

void fill(GrayImage& image, std::int64_t left, std::int64_t top, std::int64_t right,
          std::int64_t bottom, std::uint8_t shade) {
  for (std::int64_t y = top; y < bottom; ++y) {
    for (std::int64_t x = left; x < right; ++x) image.at(x, y) = shade;
  }
}

/// White between these sides, black elsewhere, 28 x 28.
GrayImage white_box(std::int64_t left, std::int64_t top, std::int64_t right, std::int64_t bottom) {
  GrayImage image(28, 28);
  fill(image, left, top, right, bottom, 255);
  return image;
}

TEST(PrepareDigit, ScalesTheLongerSideToTwentyAndCentresByMass) {
  GrayImage image(300, 200);
  fill(image, 17, 30, 57, 110, 255);  // 40 x 80
  // 10 x 20; its centre, at 4.5 and 9.5, goes to the pixel at 14: 14 - 4.5 and 14 - 9.5, rounded.
  EXPECT_EQ(prepare_digit(image).pixels, white_box(10, 5, 20, 25).pixels);
}

TEST(PrepareDigit, EnlargesWhatIsSmall) {
  GrayImage image(20, 20);
  fill(image, 8, 3, 18, 8, 255);  // 10 x 5
  EXPECT_EQ(prepare_digit(image).pixels, white_box(5, 10, 25, 20).pixels);
}

TEST(PrepareDigit, TakesDarkInkOnLightPaper) {
  GrayImage image(300, 200, 220);
  fill(image, 17, 30, 57, 110, 30);
  EXPECT_EQ(prepare_digit(image).pixels, white_box(10, 5, 20, 25).pixels);
}

TEST(PrepareDigit, PutsTheCentreOfMassInTheMiddle) {
  GrayImage image(100, 100);
  fill(image, 20, 20, 40, 80, 255);  // a stem
  fill(image, 40, 60, 80, 80, 255);  // and a foot: an L, 60 x 60
  const GrayImage digit = prepare_digit(image);
  double mass = 0;
  double x_sum = 0;
  double y_sum = 0;
  for (std::int64_t y = 0; y < 28; ++y) {
    for (std::int64_t x = 0; x < 28; ++x) {
      mass += digit.at(x, y);
      x_sum += static_cast<double>(digit.at(x, y) * x);
      y_sum += static_cast<double>(digit.at(x, y) * y);
    }
  }
  EXPECT_NEAR(x_sum / mass, 14, 0.5);
  EXPECT_NEAR(y_sum / mass, 14, 0.5);
  // The box itself is then not in the middle: its mass is to the left and below.
  EXPECT_GT(digit.at(8, 5), 200);
  EXPECT_EQ(digit.at(26, 26), 0);
}

TEST(PrepareDigit, KeepsAnAlreadyPreparedImage) {
  GrayImage image = white_box(9, 5, 20, 25);
  image.at(13, 23) = 0;  // a hole, and shades
  image.at(9, 5) = 100;
  EXPECT_EQ(prepare_digit(image).pixels, image.pixels);
}

TEST(PrepareDigit, TakesUnevenPaperForGround) {
  GrayImage image(200, 200);
  for (std::int64_t y = 0; y < 200; ++y) {
    for (std::int64_t x = 0; x < 200; ++x) {
      image.at(x, y) = static_cast<std::uint8_t>(180 + x / 10 + (x * 7 + y * 13) % 9);
    }
  }
  fill(image, 90, 50, 110, 150, 20);
  const GrayImage digit = prepare_digit(image);
  EXPECT_THAT(std::vector<int>(digit.pixels.begin(), digit.pixels.begin() + 28), Each(0));
  EXPECT_GT(digit.at(14, 14), 250);
  EXPECT_EQ(digit.at(5, 14), 0);
}

TEST(PrepareDigit, IsNotMisledByAGlare) {
  GrayImage image(300, 200, 120);
  fill(image, 17, 30, 57, 110, 10);
  image.at(200, 150) = 255;  // lighter than the paper by more than the ink is darker
  EXPECT_EQ(prepare_digit(image).pixels, white_box(10, 5, 20, 25).pixels);
}

TEST(PrepareDigit, RefusesAnEmptyImage) {
  GrayImage noise(50, 50, 128);
  for (std::size_t i = 0; i < noise.pixels.size(); i += 3) noise.pixels[i] = 150;
  GrayImage specks(8000, 1000);
  specks.at(10, 10) = specks.at(7990, 990) = 255;  // too small to be left after scaling
  for (const GrayImage& image :
       {GrayImage(28, 28), GrayImage(100, 3, 255), GrayImage(1, 1, 7), noise, specks}) {
    try {
      prepare_digit(image);
      ADD_FAILURE() << image.width << " x " << image.height;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kData);
    }
  }
}

TEST(PrepareDigit, KeepsALineOfAnyLength) {
  GrayImage line(5000, 3);
  fill(line, 100, 1, 4900, 2, 255);
  EXPECT_EQ(prepare_digit(line).pixels, white_box(5, 14, 25, 15).pixels);
  GrayImage dot(3, 3);
  dot.at(1, 1) = 255;
  EXPECT_EQ(prepare_digit(dot).pixels, white_box(5, 5, 25, 25).pixels);
}

}  // namespace
}  // namespace mnist
