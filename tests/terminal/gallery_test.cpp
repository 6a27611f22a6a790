#include "terminal/gallery.h"

#include "mnist_train/shape.h"
#include "picture/labeled_grid.h"
#include "pictures.h"
#include "support.h"

namespace mnist {
namespace {

GrayImage image_of(std::int64_t width, std::vector<std::uint8_t> pixels) {
  GrayImage image(width, static_cast<std::int64_t>(pixels.size()) / width);
  image.pixels = std::move(pixels);
  return image;
}

TEST(Draw, TakesALetterForTwoPixels) {
  // Means of 0, 127 and 255; a last row without another below counts as black there.
  EXPECT_THAT(draw(image_of(3, {0, 0, 255, 0, 255, 255, 255, 0, 0}), false),
              ElementsAre(" =@", "=  "));
}

TEST(Draw, SetsTheShadeOfEachHalfUnlessItIsThatBefore) {
  // The grays among 256 colors are 8, 18 ... 238 from 232 on; 16 is black and 231 white.
  EXPECT_THAT(draw(image_of(2, {0, 128, 255, 9}), true),
              ElementsAre("\x1b[38;5;16;48;5;231m\u2580\x1b[38;5;244;48;5;232m\u2580\x1b[0m"));
  EXPECT_THAT(draw(image_of(2, {1, 1, 1, 1}), true),
              ElementsAre("\x1b[38;5;16;48;5;16m\u2580\u2580\x1b[0m"));
}

TEST(Gallery, PutsAsManyAcrossAsFit) {
  for (const auto& [columns, images] :
       {std::pair{1, 1U}, {57, 1U}, {58, 2U}, {80, 2U}, {148, 5U}}) {
    EXPECT_EQ(images_across(columns), images) << columns;
  }
}

TEST(Gallery, PutsCaptionsAboveTheImages) {
  const std::vector<Captioned> images(2, {"5", "#8", GrayImage(6, 2, 255)});
  EXPECT_EQ(gallery_row(images, false), "5  #8   5  #8 \n@@@@@@  @@@@@@\n");
}

TEST(LabeledGrid, HasRowsOfImagesUnderTheirCaptions) {
  const Captioned white{"", "", GrayImage(kImageSide, kImageSide, 255)};
  const Captioned black{"8", "#12", GrayImage(kImageSide, kImageSide, 0)};
  const GrayImage sheet = labeled_grid({black, black, white}, 2);
  // A margin of 12, then cells of 112 and 12 by 26 and 14 and 112 and 12.
  EXPECT_EQ(sheet.width, 12 + 2 * 124);
  EXPECT_EQ(sheet.height, 12 + 2 * 164);
  const auto count_black = [pixels = test::in_colors(sheet)](const cv::Rect& part) {
    cv::Mat1b gray;
    cv::extractChannel(pixels(part), gray, 0);
    return cv::countNonZero(gray < 128);
  };
  EXPECT_EQ(count_black({12, 52, 112, 112}), 112 * 112);   // the first image
  EXPECT_EQ(count_black({136, 52, 112, 112}), 112 * 112);  // the second
  EXPECT_GT(count_black({12, 12, 112, 26}), 20);           // its title
  EXPECT_GT(count_black({12, 38, 112, 14}), 20);           // its detail
  EXPECT_EQ(count_black({0, 164, 260, 176}), 0);           // the third is white and has no text
}

}  // namespace
}  // namespace mnist
