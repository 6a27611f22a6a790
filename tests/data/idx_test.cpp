#include "data/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "mnist_train/error.h"
#include "mnist_train/shape.h"
#include "support.h"

namespace mnist {
namespace {

using test::idx_images;
using test::idx_labels;
using test::write_file;
using testing::AllOf;
using testing::HasSubstr;

/// The message with which `action` fails for want of good data.
template <typename Action>
std::string data_error(Action action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kData);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

class Idx : public testing::Test {
 protected:
  std::string images_error(const std::string& content) {
    write_file(file_, content);
    return data_error([&] { check_idx_images(file_); });
  }

  std::string labels_error(const std::string& content) {
    write_file(file_, content);
    return data_error([&] { read_idx_labels(file_); });
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

TEST_F(Idx, RefusesAFileThatIsCutShort) {
  EXPECT_THAT(images_error(idx_images(2, std::string(2 * kPixels - 1, 'x'))),
              AllOf(HasSubstr(file_.string()), HasSubstr("expected 1584 bytes for the 2 images"),
                    HasSubstr("found 1583 (cut short)"), HasSubstr("fetch_mnist.sh")));
  EXPECT_THAT(labels_error(idx_labels(5, "\x01\x02")),
              AllOf(HasSubstr("expected 13 bytes for the 5 labels"), HasSubstr("found 10")));
}

TEST_F(Idx, RefusesAFileThatIsTooLong) {
  EXPECT_THAT(images_error(idx_images(1, std::string(kPixels + 1, 'x'))),
              AllOf(HasSubstr("expected 800 bytes"), HasSubstr("found 801;")));
}

TEST_F(Idx, RefusesACountThatWouldOverflow32Bits) {
  EXPECT_THAT(images_error(idx_images(0xffffffff, "")),
              HasSubstr("expected 3367254359296 bytes for the 4294967295 images"));
}

TEST_F(Idx, RefusesAFileWithoutAWholeHeader) {
  EXPECT_THAT(images_error(""), HasSubstr("header of 16 bytes, found a file of 0"));
  EXPECT_THAT(images_error(idx_images(0, "").substr(0, 15)), HasSubstr("found a file of 15"));
}

TEST_F(Idx, RefusesAFileWithoutItems) {
  EXPECT_THAT(images_error(idx_images(0, "")), HasSubstr("expected at least one"));
  EXPECT_THAT(labels_error(idx_labels(0, "")), HasSubstr("expected at least one"));
}

TEST_F(Idx, RefusesAWrongMagicNumber) {
  EXPECT_THAT(images_error(idx_labels(8, "12345678")),
              AllOf(HasSubstr("expected IDX images with the magic number 0x00000803"),
                    HasSubstr("found 0x00000801")));
  EXPECT_THAT(labels_error(idx_images(1, std::string(kPixels, 'x'))),
              AllOf(HasSubstr("expected IDX labels"), HasSubstr("found 0x00000803")));
}

TEST_F(Idx, RefusesImagesOfAnotherSize) {
  std::string content = idx_images(1, std::string(kPixels, 'x'));
  content[15] = 32;
  EXPECT_THAT(images_error(content), AllOf(HasSubstr("28 x 28"), HasSubstr("found a side of 32")));
}

TEST_F(Idx, RefusesALabelAboveNineAndSaysWhere) {
  EXPECT_THAT(labels_error(idx_labels(3, "\x01\x02\x0a")),
              AllOf(HasSubstr("expected labels from 0 to 9"), HasSubstr("found 10 at position 2")));
}

TEST_F(Idx, RefusesGzipDataAndSaysHowToUnpackIt) {
  EXPECT_THAT(images_error("\x1f\x8b\x08" + std::string(100, 'x')),
              AllOf(HasSubstr("found gzip data"), HasSubstr("gunzip")));
}

TEST_F(Idx, RefusesAMissingFileAndAFolder) {
  EXPECT_THAT(data_error([&] { check_idx_images(dir_ / "nothing"); }),
              HasSubstr("cannot be read: No such file or directory"));
  EXPECT_THAT(data_error([&] { read_idx_labels(dir_.path()); }),
              HasSubstr("cannot be read: Is a directory"));
}

TEST_F(Idx, RefusesAFileThatMayNotBeRead) {
  write_file(file_, idx_labels(1, "1"));
  std::filesystem::permissions(file_, std::filesystem::perms::none);
  std::filesystem::permissions(dir_.path(), std::filesystem::perms::all);
  const uid_t self = geteuid();
  constexpr uid_t kNobody = 65534;
  if (self == 0) {
    ASSERT_EQ(seteuid(kNobody), 0);  // root may read everything
  }
  EXPECT_THAT(data_error([&] { read_idx_labels(file_); }),
              AllOf(HasSubstr("cannot be read: Permission denied"), HasSubstr("permissions")));
  if (self == 0) {
    ASSERT_EQ(seteuid(self), 0);
  }
}

}  // namespace
}  // namespace mnist
