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
  EXPECT_THAT(images_error("\xca\xfe\xba\xbe" + std::string(100, '\x01')),
              AllOf(HasSubstr("expected IDX images with the magic number 0x00000803"),
                    HasSubstr("found 0xcafebabe"), HasSubstr("fetch_mnist.sh")));
  const std::string reversed("\x01\x08\0\0\x02\0\0\0\x01\x02", 10);
  EXPECT_THAT(labels_error(reversed),
              AllOf(HasSubstr("0x01080000"), HasSubstr("write them big-endian")));
}

/// The header of a file of numbers of a type, and so many zero bytes.
std::string idx_of(int type, const std::vector<std::uint32_t>& lengths, std::size_t bytes) {
  std::string file = test::big_endian(static_cast<std::uint32_t>(type << 8) +
                                      static_cast<std::uint32_t>(lengths.size()));
  for (const std::uint32_t length : lengths) file += test::big_endian(length);
  return file + std::string(bytes, '\0');
}

TEST_F(Idx, SaysWhatHelpsWithImagesOfAnotherForm) {
  struct Case {
    int type;
    std::vector<std::uint32_t> lengths;
    std::string found;
    std::string remedy;
  };
  const std::string as_bytes = "write the pixels as bytes from 0 to 255, in 3 dimensions";
  const std::string sides = "only grey images of 28 x 28 pixels are supported";
  const std::string names = "give each file its own name";
  for (const Case& one : std::vector<Case>{
           {0x0d, {2, 28, 28}, "32-bit floats [2,28,28]", as_bytes},
           {0x0e, {2, 28, 28}, "64-bit floats [2,28,28]", as_bytes},
           {0x0c, {2, 28, 28}, "32-bit integers [2,28,28]", as_bytes},
           {0x09, {2, 28, 28}, "signed bytes [2,28,28]", as_bytes},
           {0x08, {2, 784}, "bytes [2,784]", as_bytes},
           {0x08, {2, 28, 28, 1}, "bytes [2,28,28,1]", as_bytes},
           {0x08, {2, 1, 28, 28}, "bytes [2,1,28,28]", as_bytes},
           {0x08, {2, 3, 28, 28}, "bytes [2,3,28,28]", sides},
           {0x08, {2, 20, 20}, "bytes [2,20,20]", sides},
           {0x08, {2, 32, 32}, "bytes [2,32,32]", sides},
           {0x08, {2, 56, 28}, "bytes [2,56,28]", sides},
           {0x08, {2, 0xffffffff, 0xffffffff, 0xffffffff}, "bytes [2,4294967295,", sides},
           {0x08, {2}, "bytes [2]", names}}) {
    EXPECT_THAT(images_error(idx_of(one.type, one.lengths, 9)),
                AllOf(HasSubstr("expected images of bytes [N,28,28], found " + one.found),
                      HasSubstr(one.remedy)));
  }
  for (const Case& one :
       std::vector<Case>{{0x0c, {2}, "32-bit integers [2]", "write the labels as bytes"},
                         {0x0c, {2, 8}, "32-bit integers [2,8]", "qmnist-train-labels-idx2-int"},
                         {0x08, {2, 10}, "bytes [2,10]", "one-hot"},
                         {0x0d, {2, 10}, "32-bit floats [2,10]", "one-hot"},
                         {0x08, {2, 28, 28}, "bytes [2,28,28]", names}}) {
    EXPECT_THAT(labels_error(idx_of(one.type, one.lengths, 9)),
                AllOf(HasSubstr("expected labels of bytes [N], found " + one.found),
                      HasSubstr(one.remedy)));
  }
  EXPECT_THAT(images_error(idx_of(0x08, {2, 28, 28, 1}, 0).substr(0, 19)),
              HasSubstr("header of 20 bytes, found a file of 19"));
}

TEST_F(Idx, ReadsTheDigitsOfQmnist) {
  std::string file = idx_of(0x0c, {2, 8}, 64);
  file[12 + 3] = 4;       // the first number of the first row
  file[12 + 32 + 3] = 9;  // and of the second
  file[12 + 32 + 7] = 100;
  write_file(file_, file);
  EXPECT_THAT(read_idx_labels(file_, LabelForm::kQmnist), testing::ElementsAre(4, 9));
  file[12] = 1;
  write_file(file_, file);
  EXPECT_THAT(data_error([&] { read_idx_labels(file_, LabelForm::kQmnist); }),
              HasSubstr("found 16777220 at position 0"));
  write_file(file_, idx_labels(1, "\x01"));
  EXPECT_THAT(data_error([&] { read_idx_labels(file_, LabelForm::kQmnist); }),
              HasSubstr("expected labels of 32-bit integers [N,8], found bytes [1]"));
}

TEST_F(Idx, RefusesALabelAboveNineAndSaysWhere) {
  EXPECT_THAT(labels_error(idx_labels(3, "\x02\x03\x1a")),
              AllOf(HasSubstr("expected labels from 0 to 9"), HasSubstr("found 26 at position 2"),
                    HasSubstr("labels from 2 to 26 in all; only ten classes")));
  EXPECT_THAT(labels_error(idx_labels(3, "\x01\x02\x0a")),
              AllOf(HasSubstr("labels from 1 to 10 in all; count them from 0")));
}

TEST_F(Idx, NamesFilesOfOtherKinds) {
  EXPECT_THAT(
      labels_error("<!DOCTYPE html><title>403 Forbidden</title>"),
      AllOf(HasSubstr("expected IDX labels, found a web page"), HasSubstr("download it again")));
  EXPECT_THAT(images_error("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
              AllOf(HasSubstr("found a Git LFS pointer"), HasSubstr("git lfs pull")));
  EXPECT_THAT(images_error("7,2,1,0,4\n"),
              AllOf(HasSubstr("found a CSV file"), HasSubstr("fetch")));
}

TEST_F(Idx, RefusesGzipDataAndSaysHowToUnpackIt) {
  EXPECT_THAT(images_error("\x1f\x8b\x08" + std::string(100, 'x')),
              AllOf(HasSubstr("found gzip data"), HasSubstr("gunzip")));
}

TEST_F(Idx, RefusesAMissingFileAndAFolder) {
  EXPECT_THAT(data_error([&] { check_idx_images(dir_ / "nothing"); }),
              HasSubstr("cannot be read: No such file or directory"));
  EXPECT_THAT(data_error([&] { read_idx_labels(dir_.path()); }),
              HasSubstr("found a folder, pipe or device"));
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
