#include "image/image_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mnist_train/error.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

/// Files that Pillow has written, most of 4 x 3 pixels: see data below.
fs::path seed(const std::string& name) {
  return fs::path(MNIST_TRAIN_SOURCE_DIR) / "tests/fuzz/seeds/image_file" / name;
}

std::vector<int> first_row(const GrayImage& image) {
  return {image.pixels.begin(), image.pixels.begin() + image.width};
}

std::string error_of(const std::string& bytes) {
  try {
    decode_image(bytes, "some.file");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kData);
    return error.what();
  }
  ADD_FAILURE() << "accepted";
  return "";
}

TEST(ReadImage, TakesEachFormatAndDepth) {
  for (const char* name : {"gray.png", "gray.bmp", "top_down.bmp", "gray16.png"}) {
    SCOPED_TRACE(name);
    const GrayImage image = read_image(seed(name));
    EXPECT_EQ(image.width, 4);
    EXPECT_EQ(image.height, 3);
    EXPECT_THAT(first_row(image), ElementsAre(200, 40, 200, 200));
    EXPECT_EQ(image.at(1, 2), 40);
  }
  EXPECT_EQ(read_image(seed("bilevel.png")).at(0, 0), 255);
  EXPECT_EQ(read_image(seed("bilevel.png")).at(12, 12), 0);
  for (const char* name : {"one.jpg", "progressive.jpg"}) {
    EXPECT_GT(read_image(seed(name)).at(0, 0), 240) << name;
    EXPECT_LT(read_image(seed(name)).at(12, 12), 15) << name;
  }
}

TEST(ReadImage, TurnsColoursIntoTheirLuminance) {
  for (const char* name : {"color.png", "color.bmp", "palette.png"}) {
    // Red, green, blue and white by Rec. 601: 0.299, 0.587, 0.114 and 1 of 255.
    EXPECT_THAT(
        first_row(read_image(seed(name))),
        ElementsAre(testing::AnyOf(76, 77), testing::AnyOf(149, 150), testing::AnyOf(28, 29), 255))
        << name;
  }
}

TEST(ReadImage, LaysInkOnAGroundThatShowsIt) {
  EXPECT_THAT(first_row(read_image(seed("dark_on_transparent.png"))),
              ElementsAre(255, 0, 255, 255));
  EXPECT_THAT(first_row(read_image(seed("light_on_transparent.png"))), ElementsAre(0, 255, 0, 0));
}

TEST(ReadImage, RefusesWhatIsNoImage) {
  EXPECT_THAT(error_of(""), AllOf(HasSubstr("some.file: expected a PNG, JPEG or BMP image"),
                                  HasSubstr("an empty file")));
  EXPECT_THAT(error_of("GIF89a"), HasSubstr("another kind of file"));
  for (const char* name : {"gray.png", "gray.bmp", "color.bmp", "one.jpg", "progressive.jpg"}) {
    const std::string whole = test::read_file(seed(name));
    for (const std::size_t cut :
         {whole.size() / 2, whole.size() * 3 / 4, std::size_t{26}, std::size_t{8}}) {
      EXPECT_THAT(error_of(whole.substr(0, cut)), HasSubstr("some.file: expected"))
          << name << " at " << cut;
    }
  }
}

TEST(ReadImage, RefusesAHugeImageByItsHeader) {
  // A PNG that claims 20,000 x 20,000 pixels and ends before the first of them.
  const std::string header(
      "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0N \0\0N \b\0\0\0\0\xc6\x1b\x19\xe5\0\0\0\1IDAT", 41);
  EXPECT_THAT(error_of(header), HasSubstr("20000 x 20000"));
  std::string bmp = test::read_file(seed("gray.bmp"));
  bmp.replace(18, 8, std::string("\x20\x4e\0\0\x20\x4e\0\0", 8));
  EXPECT_THAT(error_of(bmp), HasSubstr("20000 x 20000"));
  std::string jpeg = test::read_file(seed("one.jpg"));
  const std::size_t frame = jpeg.find("\xff\xc0");
  jpeg.replace(frame + 5, 4, "\x4e\x20\x4e\x20");
  EXPECT_THAT(error_of(jpeg), HasSubstr("20000 x 20000"));
  EXPECT_THROW(decode_image(test::read_file(seed("gray.png")), "file", 11), Error);
}

TEST(ReadImage, NamesTheFileThatCannotBeRead) {
  const test::TempDir dir;
  try {
    read_image(dir / "none.png");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr((dir / "none.png").string()), HasSubstr("No such")));
  }
  EXPECT_THROW(read_image(dir.path()), Error);
  EXPECT_THROW(read_image("/dev/zero"), Error);
}

TEST(EncodePng, IsReadBack) {
  GrayImage image(3, 2, 7);
  image.at(2, 1) = 255;
  const GrayImage again = decode_image(encode_png(image), "file");
  EXPECT_EQ(again.width, 3);
  EXPECT_EQ(again.pixels, image.pixels);
  EXPECT_THAT(GrayImage(2, 2, 9).pixels, Each(9));
}

}  // namespace
}  // namespace mnist
