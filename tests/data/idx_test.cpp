#include "data/idx.h"

#include "mnist_train/shape.h"
#include "support.h"

namespace mnist {
namespace {

using test::idx_images;
using test::idx_labels;
using test::write_file;

/// What is wrong with these bytes as a file of images or of labels.
std::string images_error(const std::string& bytes) {
  return test::error_of(ErrorKind::kData, bytes, check_idx_images);
}

std::string labels_error(const std::string& bytes, LabelForm form = LabelForm::kBytes) {
  return test::error_of(ErrorKind::kData, bytes,
                        [&](const auto& file) { read_idx_labels(file, form); });
}

TEST(Idx, ReadsLabelsAndImagesUpToTheLimit) {
  const test::TempDir dir;
  write_file(dir / "labels", idx_labels(3, std::string("\x00\x09\x05", 3)));
  EXPECT_THAT(read_idx_labels(dir / "labels"), ElementsAre(0, 9, 5));

  std::string pixels(3 * kPixels, '\0');
  pixels[0] = '\x01';
  pixels[kPixels] = '\xff';
  write_file(dir / "images", idx_images(3, pixels));
  EXPECT_EQ(check_idx_images(dir / "images"), 3);
  const auto two = read_idx_images(dir / "images", 2);
  EXPECT_EQ(std::string(two.begin(), two.end()), pixels.substr(0, 2 * kPixels));
  EXPECT_EQ(read_idx_images(dir / "images", 100).size(), 3 * kPixels);
}

TEST(Idx, RefusesAFileThatDoesNotHoldWhatItsHeaderSays) {
  EXPECT_EQ(images_error(idx_images(2, std::string(2 * kPixels - 1, 'x'))),
            "expected 1584 bytes for the 2 images in its header, found 1583");
  EXPECT_EQ(images_error(idx_images(1, std::string(kPixels + 1, 'x'))),
            "expected 800 bytes for the 1 images in its header, found 801");
  EXPECT_EQ(labels_error(idx_labels(5, "\x01\x02")),
            "expected 13 bytes for the 5 labels in its header, found 10");
  // 16 + count * 784 is a multiple of 2^32 and 16 more.
  EXPECT_EQ(images_error(idx_images(0x10000000, "")),
            "expected 210453397520 bytes for the 268435456 images in its header, found 16");
  EXPECT_EQ(images_error(idx_images(0, "")), "expected images, found none");
  EXPECT_EQ(labels_error(idx_labels(0, "")), "expected labels, found none");
}

/// An IDX file with this magic number, these dimensions and so many zero bytes.
std::string idx_of(std::uint32_t magic, const std::vector<std::uint32_t>& dimensions,
                   std::size_t bytes) {
  std::string file = test::big_endian(magic);
  for (const std::uint32_t length : dimensions) file += test::big_endian(length);
  return file + std::string(bytes, '\0');
}

TEST(Idx, RefusesAnotherKindOfFile) {
  const std::string expected = "expected IDX images [N,28,28] with magic number 0x00000803, found ";
  for (const auto& [bytes, found] : std::vector<std::pair<std::string, std::string>>{
           {"", "a file of 0 bytes"},
           {idx_images(0, "").substr(0, 15), "a file of 15 bytes"},
           {idx_of(0x0d03, {2, 28, 28}, 6272), "magic number 0x00000d03"},  // floats
           {idx_of(0x0803, {2, 20, 20}, 800), "[N,20,20]"},
           {idx_labels(20, std::string(20, '\1')), "magic number 0x00000801"},
           {"\x1f\x8b\x08" + std::string(100, 'x'), "gzip data (unpack it with gunzip)"}}) {
    EXPECT_EQ(images_error(bytes), expected + found);
  }
  EXPECT_EQ(labels_error(idx_images(1, std::string(kPixels, '\1'))),
            "expected IDX labels [N] with magic number 0x00000801, found magic number 0x00000803");
}

TEST(Idx, RefusesALabelAboveNineAndSaysWhere) {
  EXPECT_EQ(labels_error(idx_labels(3, "\x02\x03\x0a")),
            "expected labels from 0 to 9, found 10 at position 2");
  std::string qmnist = idx_of(0x0c02, {2, 8}, 64);
  qmnist[12] = 1;  // the highest byte of the first number
  EXPECT_EQ(labels_error(qmnist, LabelForm::kQmnist),
            "expected labels from 0 to 9, found 16777216 at position 0");
}

}  // namespace
}  // namespace mnist
