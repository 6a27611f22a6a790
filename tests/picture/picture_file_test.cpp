#include "picture/picture_file.h"

#include "pictures.h"
#include "support.h"

namespace mnist {
namespace {

/// Files that Pillow has written, most of 4 x 3 pixels: see data below.
fs::path seed(const std::string& name) {
  return test::source("tests/fuzz/seeds/picture_file/" + name);
}

GrayImage read_gray(const fs::path& file) { return test::in_gray(read_picture(file)); }

std::vector<int> first_row(const GrayImage& image) {
  return {image.pixels.begin(), image.pixels.begin() + image.width};
}

std::string error_of(const std::string& bytes) {
  return test::error_of(ErrorKind::kData, [&] { decode_picture(bytes, "some.file"); });
}

TEST(ReadPicture, TakesEachFormatAndDepth) {
  for (const char* name : {"gray.png", "gray.bmp", "top_down.bmp", "gray16.png", "no_alpha.bmp"}) {
    SCOPED_TRACE(name);
    const GrayImage image = read_gray(seed(name));
    EXPECT_EQ(image.width, 4);
    EXPECT_EQ(image.height, 3);
    EXPECT_THAT(first_row(image), ElementsAre(200, 40, 200, 200));
    EXPECT_EQ(image.at(1, 2), 40);
  }
  EXPECT_EQ(read_gray(seed("bilevel.png")).at(0, 0), 255);
  EXPECT_EQ(read_gray(seed("bilevel.png")).at(12, 12), 0);
  for (const char* name : {"one.jpg", "progressive.jpg", "cmyk.jpg"}) {
    EXPECT_GT(read_gray(seed(name)).at(0, 0), 240) << name;
    EXPECT_LT(read_gray(seed(name)).at(12, 7), 15) << name;
  }
}

TEST(ReadPicture, KeepsColorsAndOpacity) {
  for (const char* name : {"color.png", "color.bmp", "palette.png"}) {
    const cv::Mat4b image = read_picture(seed(name));  // red, green, blue and white
    EXPECT_EQ(image(0, 0), cv::Vec4b(255, 0, 0, 255)) << name;
    EXPECT_EQ(image(0, 1), cv::Vec4b(0, 255, 0, 255)) << name;
    EXPECT_EQ(image(0, 2), cv::Vec4b(0, 0, 255, 255)) << name;
    EXPECT_EQ(image(0, 3), cv::Vec4b(255, 255, 255, 255)) << name;
  }
  const cv::Mat4b image = read_picture(seed("dark_on_transparent.png"));
  EXPECT_EQ(image(0, 0)[3], 0);
  EXPECT_EQ(image(0, 1)[3], 255);
}

TEST(ReadPicture, TurnsAPhotoAsItsCameraWasHeld) {
  // 16 x 8, its left half white. Held for orientation 6 the left is the top; for 8 the bottom.
  const std::string turned = test::read_file(seed("turned.jpg"));
  EXPECT_EQ(decode_picture(turned, "file").size(), cv::Size(8, 16));
  const std::size_t tag = turned.find(std::string("\x01\x12\0\x03\0\0\0\x01\0", 9));
  ASSERT_NE(tag, turned.npos);
  using Place = std::pair<int, int>;
  const std::vector<Place> white{{2, 3}, {13, 3}, {13, 3}, {2, 3},
                                 {3, 2}, {3, 2},  {3, 13}, {3, 13}};
  for (std::size_t i = 0; i < white.size(); ++i) {
    std::string other = turned;
    other[tag + 9] = static_cast<char>(i + 1);
    const auto [x, y] = white[i];
    EXPECT_GT(test::in_gray(decode_picture(other, "file")).at(x, y), 240) << i + 1;
  }
}

TEST(ReadPicture, TurnsAPngByItsExifChunk) {
  // 2 x 1: black and white. The chunk is put behind IHDR; libpng only warns of its checksum.
  GrayImage image(2, 1);
  image.at(1, 0) = 255;
  std::string png = encode_png(image);
  const std::string exif("MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0", 26);
  png.insert(33, test::big_endian(26) + "eXIf" + exif + test::big_endian(0));
  const GrayImage turned = test::in_gray(decode_picture(png, "file"));
  EXPECT_EQ(turned.width, 1);
  EXPECT_THAT(turned.pixels, ElementsAre(255, 0));  // by a quarter, counterclockwise
}

TEST(ReadPicture, TakesAJpegWithoutItsEndMark) {
  for (const char* name : {"one.jpg", "progressive.jpg"}) {
    const std::string whole = test::read_file(seed(name));
    const cv::Mat4b expected = decode_picture(whole, "file");
    const std::string rows = whole.substr(0, whole.size() - 2);
    for (const std::string& end : {std::string(), std::string("\0\0\1 notes of a camera", 21)}) {
      EXPECT_EQ(cv::norm(decode_picture(rows + end, "file"), expected), 0) << name;
    }
    EXPECT_THAT(error_of(whole.substr(0, whole.size() - 6)), HasSubstr("premature end")) << name;
  }
}

TEST(ReadPicture, RefusesWhatIsNoImage) {
  EXPECT_THAT(error_of(""), AllOf(HasSubstr("some.file: expected a PNG, JPEG or BMP image"),
                                  HasSubstr("an empty file")));
  EXPECT_THAT(error_of("GIF89a"), HasSubstr("found another kind of file"));
  EXPECT_THAT(error_of("version https://git-lfs.github.com/spec/v1"),
              HasSubstr("found a Git LFS pointer"));
  std::string of_16_bits = test::read_file(seed("gray.bmp"));
  of_16_bits[28] = 16;
  EXPECT_THAT(error_of(of_16_bits), HasSubstr("found 16 bits with compression 0"));
}

TEST(ReadPicture, RefusesWhatIsCutShort) {
  for (const char* name : {"gray.png", "gray.bmp", "color.bmp", "one.jpg", "progressive.jpg"}) {
    const std::string whole = test::read_file(seed(name));
    for (const std::size_t cut : {whole.size() * 3 / 4, whole.size() / 2, std::size_t{26},
                                  std::size_t{8}, std::size_t{3}}) {
      EXPECT_THAT(error_of(whole.substr(0, cut)), HasSubstr("some.file: expected"))
          << name << " at " << cut;
    }
  }
}

TEST(ReadPicture, RefusesAHugeImageByItsHeader) {
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
  EXPECT_THROW(decode_picture(test::read_file(seed("gray.png")), "file", 11), Error);
}

TEST(EncodePng, IsReadBack) {
  GrayImage image(3, 2, 7);
  image.at(2, 1) = 255;
  const GrayImage again = test::in_gray(decode_picture(encode_png(image), "file"));
  EXPECT_EQ(again.width, 3);
  EXPECT_EQ(again.pixels, image.pixels);
}

}  // namespace
}  // namespace mnist
