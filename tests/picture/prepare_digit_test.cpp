#include "picture/prepare_digit.h"

#include <cmath>
#include <random>

#include "pictures.h"
#include "support.h"

namespace mnist {
namespace {

void fill(GrayImage& image, std::int64_t left, std::int64_t top, std::int64_t right,
          std::int64_t bottom, std::uint8_t shade) {
  for (std::int64_t y = top; y < std::min(bottom, image.height); ++y) {
    for (std::int64_t x = left; x < std::min(right, image.width); ++x) image.at(x, y) = shade;
  }
}

/// White between these sides, black elsewhere, 28 x 28.
GrayImage white_box(std::int64_t left, std::int64_t top, std::int64_t right, std::int64_t bottom) {
  GrayImage image(28, 28);
  fill(image, left, top, right, bottom, 255);
  return image;
}

GrayImage prepared(const GrayImage& image) { return prepare_digit(test::in_colors(image)).image; }

std::vector<std::string> reasons_of(const GrayImage& image) {
  return prepare_digit(test::in_colors(image)).low_confidence;
}

/// A 4 of straight strokes, `pen` pixels wide and 10 pens high, on a sheet with this corner.
void draw_four(GrayImage& sheet, std::int64_t left, std::int64_t top, std::int64_t pen,
               std::uint8_t shade) {
  fill(sheet, left, top, left + pen, top + 6 * pen, shade);
  fill(sheet, left, top + 5 * pen, left + 6 * pen, top + 6 * pen, shade);
  fill(sheet, left + 4 * pen, top + 2 * pen, left + 5 * pen, top + 10 * pen, shade);
}

GrayImage sheet_with_four() {
  GrayImage sheet(240, 200, 220);
  draw_four(sheet, 90, 50, 10, 55);
  return sheet;
}

/// How many pixels differ by more than this.
int differing(const GrayImage& a, const GrayImage& b, int least) {
  int count = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    count += std::abs(a.pixels[i] - b.pixels[i]) > least ? 1 : 0;
  }
  return count;
}

/// Expects that the four is found, without a doubt, and that no pixel differs by more than `most`
/// from the one on a plain sheet.
void expect_four(const cv::Mat4b& picture, int most) {
  const PreparedDigit digit = prepare_digit(picture);
  EXPECT_EQ(differing(digit.image, prepared(sheet_with_four()), most), 0);
  EXPECT_THAT(digit.low_confidence, testing::IsEmpty());
}

void expect_four(const GrayImage& image, int most) { expect_four(test::in_colors(image), most); }

/// The sheet after `light(x, y)` has fallen on it, with noise of this deviation.
template <typename Light>
GrayImage photo(const GrayImage& sheet, const Light& light, double noise) {
  std::mt19937 random(1);
  std::normal_distribution<double> grain(0, noise);
  GrayImage result = sheet;
  for (std::int64_t y = 0; y < sheet.height; ++y) {
    for (std::int64_t x = 0; x < sheet.width; ++x) {
      const double shade =
          sheet.at(x, y) * light(static_cast<double>(x) / 240, static_cast<double>(y) / 200) +
          grain(random);
      result.at(x, y) = static_cast<std::uint8_t>(std::lround(std::clamp(shade, 0.0, 255.0)));
    }
  }
  return result;
}

TEST(PrepareDigit, ScalesTheLongerSideToTwentyAndCentersByMass) {
  GrayImage large(300, 200);
  fill(large, 17, 30, 57, 110, 255);  // 40 x 80
  // 10 x 20; its center, at 4.5 and 9.5, goes to the pixel at 14: 14 - 4.5 and 14 - 9.5, rounded.
  EXPECT_EQ(prepared(large).pixels, white_box(10, 5, 20, 25).pixels);
  GrayImage small(20, 20);
  fill(small, 8, 3, 18, 8, 255);  // 10 x 5
  EXPECT_EQ(prepared(small).pixels, white_box(5, 10, 25, 20).pixels);
}

TEST(PrepareDigit, TakesDarkInkOnLightPaper) {
  GrayImage image(300, 200, 120);
  fill(image, 17, 30, 57, 110, 10);
  image.at(200, 150) = 255;  // a glare: lighter than the paper by more than the ink is darker
  EXPECT_EQ(prepared(image).pixels, white_box(10, 5, 20, 25).pixels);
}

TEST(PrepareDigit, PutsTheCenterOfMassInTheMiddle) {
  GrayImage image(100, 100);
  fill(image, 20, 20, 40, 80, 255);  // a stem
  fill(image, 40, 60, 80, 80, 255);  // and a foot: an L, 60 x 60
  GrayImage digit = prepared(image);
  const cv::Moments moments = cv::moments(cv::Mat1b(28, 28, digit.pixels.data()));
  EXPECT_NEAR(moments.m10 / moments.m00, 14, 0.5);
  EXPECT_NEAR(moments.m01 / moments.m00, 14, 0.5);
  // The box itself is then not in the middle: its mass is to the left and below.
  EXPECT_GT(digit.at(8, 5), 200);
  EXPECT_EQ(digit.at(26, 26), 0);
}

TEST(PrepareDigit, KeepsAnAlreadyPreparedImage) {
  GrayImage image = white_box(9, 5, 20, 25);
  image.at(13, 23) = 0;  // a hole, and shades
  image.at(9, 5) = 100;
  EXPECT_EQ(prepared(image).pixels, image.pixels);
}

double even(double /*x*/, double /*y*/) { return 1.0; }

TEST(PrepareDigit, SeesThroughUnevenLightAndNoise) {
  const auto gradient = [](double x, double) { return 0.8 + 0.2 * x; };
  const auto vignette = [](double x, double y) {
    return 1 - 0.7 * (std::pow(x - 0.5, 2) + std::pow(y - 0.5, 2)) / 0.5;
  };
  const auto shadow = [](double x, double y) {
    return 1 - 0.4 / (1 + std::exp((x + 0.3 * y - 0.6) * 40));
  };
  const auto edge_of_a_shadow = [](double x, double) { return x < 0.5 ? 0.45 : 1.0; };
  const GrayImage sheet = sheet_with_four();
  expect_four(photo(sheet, even, 6), 40);
  expect_four(photo(sheet, gradient, 3), 40);
  expect_four(photo(sheet, vignette, 3), 40);
  expect_four(photo(sheet, shadow, 3), 60);
  expect_four(photo(sheet, edge_of_a_shadow, 3), 120);
}

/// A sheet with a ring of 60 x 100 pixels that has a gap, like a 6.
GrayImage sheet_with_ring(std::int64_t margin, std::int64_t thickness) {
  GrayImage sheet(60 + 2 * margin, 100 + 2 * margin, 220);
  const std::int64_t inner = margin + thickness;
  fill(sheet, margin, margin, margin + 60, margin + 100, 55);
  fill(sheet, inner, inner, sheet.width - inner, sheet.height - inner, 220);
  fill(sheet, margin + 30, margin + 20, sheet.width, margin + 40, 220);
  return sheet;
}

TEST(PrepareDigit, FindsADigitThatFillsThePicture) {
  const auto gradient = [](double x, double) { return 0.8 + 0.4 * x; };
  for (const std::int64_t thickness : {10, 12, 15, 18}) {  // up to half of the picture is ink
    const GrayImage expected = prepared(sheet_with_ring(60, thickness));
    const GrayImage sheet = sheet_with_ring(6, thickness);
    EXPECT_EQ(differing(prepared(photo(sheet, even, 6)), expected, 40), 0) << thickness;
    EXPECT_EQ(differing(prepared(photo(sheet, gradient, 3)), expected, 40), 0) << thickness;
  }
}

TEST(PrepareDigit, LeavesDirtOut) {
  GrayImage dusty = sheet_with_four();
  for (const std::int64_t at : {5, 40, 190}) fill(dusty, at, at, at + 3, at + 3, 0);
  expect_four(dusty, 0);
}

/// The sheet on a table of this shade, with its corners at these places.
cv::Mat4b on_table(const std::array<cv::Point2f, 4>& corners, cv::Size size, double table) {
  const cv::Mat4b sheet = test::in_colors(sheet_with_four());
  const std::array<cv::Point2f, 4> from{{{0, 0}, {240, 0}, {240, 200}, {0, 200}}};
  cv::Mat4b photo;
  cv::warpPerspective(sheet, photo, cv::getPerspectiveTransform(from.data(), corners.data()), size,
                      cv::INTER_LINEAR, cv::BORDER_CONSTANT, {table, table, table, 255});
  return photo;
}

TEST(PrepareDigit, FindsASheetOnATableTurnedOrInPerspective) {
  for (const double degrees : {-12, -4, 0, 1, 2, 7, 15}) {
    for (const double table : {30, 130}) {
      SCOPED_TRACE(std::to_string(degrees) + " on " + std::to_string(table));
      const cv::RotatedRect sheet({160, 150}, {240, 200}, static_cast<float>(degrees));
      std::array<cv::Point2f, 4> places;  // from the lower left corner on
      sheet.points(places.data());
      expect_four(on_table({places[1], places[2], places[3], places[0]}, {320, 300}, table), 130);
    }
  }
  // A sheet of a third of the picture's width.
  expect_four(on_table({{{220, 120}, {390, 130}, {430, 300}, {190, 290}}}, {640, 400}, 70), 120);
}

TEST(PrepareDigit, TakesWhatMostOfThePictureIsForTheBackground) {
  GrayImage scanned = sheet_with_four();
  fill(scanned, 0, 0, 30, 200, 5);
  fill(scanned, 0, 180, 240, 200, 5);
  expect_four(scanned, 20);
  GrayImage with_pen = sheet_with_four();
  fill(with_pen, 200, 60, 212, 200, 30);
  expect_four(with_pen, 20);
}

/// The sheet with crossing lines of 2 pixels, `pitch` apart and turned by this slope.
GrayImage squared(GrayImage sheet, double pitch, double slope) {
  for (std::int64_t y = 0; y < sheet.height; ++y) {
    for (std::int64_t x = 0; x < sheet.width; ++x) {
      const auto across = static_cast<double>(x);
      const auto down = static_cast<double>(y);
      const auto is_line = [&](double along) { return std::fmod(along + 10 * pitch, pitch) < 2; };
      if (is_line(down + slope * across) || is_line(across - slope * down)) {
        sheet.at(x, y) = std::min<std::uint8_t>(sheet.at(x, y), 110);
      }
    }
  }
  return sheet;
}

TEST(PrepareDigit, LeavesRuledLinesOut) {
  const auto gradient = [](double x, double y) { return 0.85 + 0.2 * x + 0.1 * y; };
  for (const double pitch : {17, 41}) {  // no line along the edge of a stroke
    expect_four(photo(squared(sheet_with_four(), pitch, 0), gradient, 2), 90);
  }
  for (const double slope : {-0.05, -0.02, 0.015, 0.04}) {
    const GrayImage found = prepared(squared(sheet_with_four(), 36, slope));
    // A digit turned by 3 degrees has other edges.
    EXPECT_LE(differing(found, prepared(sheet_with_four()), 128), 24) << slope;
  }
}

TEST(PrepareDigit, LooksInsideAFrame) {
  for (const std::int64_t inset : {0, 8}) {
    for (const std::int64_t thick : {1, 12}) {
      for (const std::uint8_t shade : {0, 130}) {
        SCOPED_TRACE(testing::Message() << inset << " " << thick << " " << int{shade});
        GrayImage framed(240, 200, 220);
        fill(framed, inset, inset, 240 - inset, 200 - inset, shade);
        const std::int64_t edge = inset + thick;
        fill(framed, edge, edge, 240 - edge, 200 - edge, 220);
        draw_four(framed, 90, 50, 10, 55);
        expect_four(framed, 2);
      }
    }
  }
}

TEST(PrepareDigit, TellsColorsOfOneLightnessApart) {
  cv::Mat4b picture = test::in_colors(sheet_with_four());
  picture.forEach([](cv::Vec4b& pixel, const int*) {  // both have a brightness of 81
    pixel = pixel[0] == 55 ? cv::Vec4b(200, 30, 30, 255) : cv::Vec4b(20, 90, 200, 255);
  });
  expect_four(picture, 1);
}

TEST(PrepareDigit, TakesTheInkOnTransparentGroundAndThePaperInTransparentSurround) {
  for (const std::uint8_t shade : {0, 128, 255}) {
    cv::Mat4b ink = test::in_colors(sheet_with_four());
    ink.forEach([&](cv::Vec4b& pixel, const int*) {
      pixel = cv::Vec4b(shade, shade, shade, pixel[0] == 55 ? 255 : 0);
    });
    expect_four(ink, 1);
  }
  cv::Mat4b sticker = test::in_colors(sheet_with_four());
  sticker.forEach([](cv::Vec4b& pixel, const int* place) {
    const int y = place[0];
    const int x = place[1];
    if (x + y < 20 || x < 8 || y > 190) pixel = cv::Vec4b();
  });
  expect_four(sticker, 1);
  cv::Mat4b opaque = test::in_colors(sheet_with_four());  // as its opacity is zero everywhere
  opaque.forEach([](cv::Vec4b& pixel, const int*) { pixel[3] = 0; });
  expect_four(opaque, 0);
}

TEST(PrepareDigit, MakesThinStrokesAsBroadAsThoseOfMnist) {
  for (const std::int64_t size : {60, 300, 2000}) {
    GrayImage sheet(2 * size, 2 * size, 255);
    fill(sheet, size / 2, size / 2, size / 2 + 1, size * 3 / 2, 0);
    fill(sheet, size / 2, size * 3 / 2, size, size * 3 / 2 + 1, 0);  // an L
    const GrayImage digit = prepared(sheet);
    int column = 0;  // across its stem
    for (std::int64_t x = 0; x < 28; ++x) column += digit.at(x, 12);
    EXPECT_GT(column, 1.5 * 255) << size;
    EXPECT_LT(column, 3.5 * 255) << size;
  }
}

TEST(PrepareDigit, KeepsTheParts) {
  GrayImage broken = sheet_with_four();
  fill(broken, 110, 90, 122, 120, 220);  // the bar's middle
  // 3 x 2 of the 20 x 20 pixels, and what moves with the center.
  EXPECT_LT(differing(prepared(broken), prepared(sheet_with_four()), 100), 16);
}

TEST(PrepareDigit, HasLowConfidenceInWhatMayBeNoDigit) {
  GrayImage two(240, 200, 220);
  draw_four(two, 30, 50, 10, 55);
  draw_four(two, 130, 50, 10, 55);
  EXPECT_THAT(reasons_of(two), testing::Contains("several shapes"));
  GrayImage dash(240, 200, 220);
  fill(dash, 50, 90, 190, 110, 55);
  EXPECT_THAT(reasons_of(dash), testing::ElementsAre("wider than a digit"));
  GrayImage cut(240, 200, 220);
  draw_four(cut, 195, 120, 10, 55);
  EXPECT_THAT(reasons_of(cut), testing::Contains("cut off by the border"));
  GrayImage drawing(28, 28, 220);
  fill(drawing, 6, 0, 9, 12, 55);  // a 4 that ends at the upper border and the lower one
  fill(drawing, 6, 12, 22, 15, 55);
  fill(drawing, 18, 0, 21, 28, 55);
  EXPECT_TRUE(reasons_of(drawing).empty());
}

TEST(PrepareDigit, LeavesAnUnderlineOut) {
  GrayImage underlined = sheet_with_four();
  fill(underlined, 80, 160, 170, 168, 55);
  EXPECT_EQ(prepared(underlined).pixels, prepared(sheet_with_four()).pixels);
  EXPECT_THAT(reasons_of(underlined), testing::ElementsAre("several shapes"));
}

TEST(PrepareDigit, RefusesWhatHasNoDigit) {
  GrayImage stripes(50, 50, 128);
  for (std::size_t i = 0; i < stripes.pixels.size(); i += 3) stripes.pixels[i] = 150;
  GrayImage specks(8000, 1000);
  specks.at(10, 10) = specks.at(7990, 990) = 255;
  GrayImage crowd(240, 200, 220);
  for (std::int64_t x = 10; x < 230; x += 20) {
    for (std::int64_t y = 10; y < 190; y += 30) fill(crowd, x, y, x + 8, y + 16, 55);
  }
  const GrayImage white(240, 200, 200);
  const auto gradient = [](double x, double y) { return 0.6 + 0.2 * x + 0.2 * y; };
  for (const GrayImage& image :
       {GrayImage(28, 28), GrayImage(100, 3, 255), GrayImage(1, 1, 7), stripes, specks, crowd,
        photo(white, gradient, 0), photo(white, gradient, 8)}) {
    SCOPED_TRACE(std::to_string(image.width) + " x " + std::to_string(image.height));
    test::error_of(ErrorKind::kData, [&] { prepared(image); });
  }
}

}  // namespace
}  // namespace mnist
