#include "data/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mnist_train/shape.h"
#include "support.h"

namespace mnist {
namespace {

using test::idx_images;
using test::idx_labels;
using test::write_file;
using testing::EndsWith;
using testing::HasSubstr;

class Idx : public testing::Test {
 protected:
  std::string images_error(const std::string& content) {
    write_file(file_, content);
    return test::error_of(ErrorKind::kData, [&] { check_idx_images(file_); });
  }

  std::string labels_error(const std::string& content) {
    write_file(file_, content);
    return test::error_of(ErrorKind::kData, [&] { read_idx_labels(file_); });
  }

  std::string qmnist_error(const std::string& content) {
    write_file(file_, content);
    return test::error_of(ErrorKind::kData, [&] { read_idx_labels(file_, LabelForm::kQmnist); });
  }

  test::TempDir dir_;
  std::filesystem::path file_ = dir_ / "file";
};

TEST_F(Idx, ReadsImagesUpToTheLimit) {
  std::string pixels(3 * kPixels, '\0');
  pixels[0] = '\x01';
  pixels[kPixels] = '\xff';
  write_file(file_, idx_images(3, pixels));

  EXPECT_EQ(check_idx_images(file_), 3);
  const auto two = read_idx_images(file_, 2);
  ASSERT_EQ(two.size(), 2 * kPixels);
  EXPECT_EQ(two[0], 1);
  EXPECT_EQ(two[1], 0);
  EXPECT_EQ(two[kPixels], 255);
  EXPECT_EQ(read_idx_images(file_, 100).size(), 3 * kPixels);
}

TEST_F(Idx, ReadsLabels) {
  write_file(file_, idx_labels(3, std::string("\x00\x09\x05", 3)));
  EXPECT_THAT(read_idx_labels(file_), testing::ElementsAre(0, 9, 5));
}

TEST_F(Idx, RefusesAFileThatIsTooShortOrTooLong) {
  EXPECT_EQ(images_error(idx_images(2, std::string(2 * kPixels - 1, 'x'))),
            file_.string() + ": expected 1584 bytes for the 2 images in its header, found 1583");
  EXPECT_THAT(images_error(idx_images(1, std::string(kPixels + 1, 'x'))),
              HasSubstr("expected 800 bytes for the 1 images in its header, found 801"));
  EXPECT_THAT(labels_error(idx_labels(5, "\x01\x02")),
              HasSubstr("expected 13 bytes for the 5 labels in its header, found 10"));
}

TEST_F(Idx, RefusesACountThatWouldOverflow32Bits) {
  EXPECT_THAT(images_error(idx_images(0xffffffff, "")),
              HasSubstr("expected 3367254359296 bytes for the 4294967295 images"));
  // 16 + count * 784 is a multiple of 2^32 and 16 more.
  EXPECT_THAT(images_error(idx_images(0x10000000, "")), HasSubstr("expected 210453397520 bytes"));
}

TEST_F(Idx, RefusesAFileWithoutItems) {
  EXPECT_THAT(images_error(idx_images(0, "")), EndsWith(": expected images, found none"));
  EXPECT_THAT(labels_error(idx_labels(0, "")), EndsWith(": expected labels, found none"));
}

TEST_F(Idx, RefusesAFileWithoutAWholeHeader) {
  const std::string expected =
      file_.string() + ": expected IDX images [N,28,28] with magic number 0x00000803, found ";
  EXPECT_EQ(images_error(""), expected + "a file of 0 bytes");
  EXPECT_EQ(images_error(idx_images(0, "").substr(0, 15)), expected + "a file of 15 bytes");
}

/// An IDX file with this magic number, these dimensions and so many zero bytes.
std::string idx_of(std::uint32_t magic, const std::vector<std::uint32_t>& dimensions,
                   std::size_t bytes) {
  std::string file = test::big_endian(magic);
  for (const std::uint32_t length : dimensions) file += test::big_endian(length);
  return file + std::string(bytes, '\0');
}

TEST_F(Idx, RefusesAWrongMagicNumberOrShape) {
  EXPECT_THAT(images_error(idx_of(0x0d03, {2, 28, 28}, 6272)),  // floats
              EndsWith("found magic number 0x00000d03"));
  EXPECT_THAT(images_error(idx_of(0x0803, {2, 20, 20}, 800)), EndsWith("found [N,20,20]"));
  EXPECT_THAT(images_error(idx_labels(20, std::string(20, '\1'))),
              EndsWith("found magic number 0x00000801"));
  EXPECT_EQ(labels_error(idx_images(1, std::string(kPixels, '\1'))),
            file_.string() +
                ": expected IDX labels [N] with magic number 0x00000801, found magic number "
                "0x00000803");
}

TEST_F(Idx, ReadsTheDigitsOfQmnist) {
  std::string file = idx_of(0x0c02, {2, 8}, 64);
  file[12 + 3] = 4;       // the first number of the first row
  file[12 + 32 + 3] = 9;  // and of the second
  file[12 + 32 + 7] = 100;
  write_file(file_, file);
  EXPECT_THAT(read_idx_labels(file_, LabelForm::kQmnist), testing::ElementsAre(4, 9));
  file[12] = 1;
  EXPECT_THAT(qmnist_error(file), HasSubstr("found 16777220 at position 0"));
  EXPECT_THAT(qmnist_error(idx_labels(1, "\x01")),
              HasSubstr("expected IDX labels [N,8] with magic number 0x00000c02, found "));
}

TEST_F(Idx, RefusesALabelAboveNineAndSaysWhere) {
  EXPECT_EQ(labels_error(idx_labels(3, "\x02\x03\x0a")),
            file_.string() + ": expected labels from 0 to 9, found 10 at position 2");
}

TEST_F(Idx, NamesFilesOfOtherKinds) {
  EXPECT_THAT(labels_error("<!DOCTYPE html><title>403 Forbidden</title>"),
              EndsWith("found an HTML page"));
  EXPECT_THAT(images_error("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
              EndsWith("found a Git LFS pointer (run: git lfs pull)"));
  EXPECT_THAT(images_error("\x1f\x8b\x08" + std::string(100, 'x')),
              EndsWith("found gzip data (unpack it with gunzip)"));
}

}  // namespace
}  // namespace mnist
