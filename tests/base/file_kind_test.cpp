#include "base/file_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <utility>
#include <vector>

#include "support.h"

namespace mnist {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

std::string kind_of(const std::string& head) {
  const auto kind = recognize(head);
  return kind ? std::string(kind->name) : "none";
}

TEST(FileKind, IsToldByTheFirstBytes) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "Git LFS pointer"},
      {"<!DOCTYPE html><title>403</title>", "web page"},
      {"\xef\xbb\xbf\r\n  <html>", "web page"},
      {"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "web page"},
      {"{\"metadata\":{},\"weight_map\":{}}", "index of weights"},
      {"\n{\n \"a\": [1]}", "JSON"},
      {"[1, 2]", "JSON"},
      {"PK\3\4\0\0\x08\x08\0\0\0\0\0\0archive/data.pkl"s, "PyTorch"},
      {"PK\3\4\0\0\x08\x08\0\0\0\0\0\0net/data/0FB"s, "PyTorch"},  // TorchScript
      {"PK\3\4\x14\0\0\0arr_0.npy"s, "NumPy archive"},
      {"PK\3\4\x14\0\0\0metadata.json"s, "Keras"},
      {"PK\3\4\x14\0\0\0train.csv"s, "ZIP archive"},
      // torch.save's number 0x1950a86a20f9469cfc6c, as pickle writes it in protocols 2 and 4
      {"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", "its old form"},
      {"\x80\x04\x95\x0d\0\0\0\0\0\0\0\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."s,
       "its old form"},
      {"\x80\x03}q\0X"s, "Python pickle"},
      {"\x1f\x8b\x08\0\0\0\0\0\0\x03"s, "gzip"},
      {"\x1f\x8b", "gzip"},
      {"\xfd"
       "7zXZ\0"s,
       "xz"},
      {"\x28\xb5\x2f\xfd", "zstd"},
      {"train/\0"s + std::string(250, '\0') + "ustar", "tar"},
      {"\x93NUMPY\1\0"s, "NumPy array"},
      {"\x89HDF\r\n\x1a\n", "HDF5"},
      {"GGUF\3\0\0\0"s, "GGUF"},
      {"\x08\x07\x12\x07pytorch\x1a", "ONNX"},
      {"\x1c\0\0\0TFL3"s, "TensorFlow Lite"},
      {"MATLAB 5.0 MAT-file, Platform: GLNXA64", "MATLAB"},
      {"PAR1\x15\4", "Parquet"},
      {"\x89PNG\r\n\x1a\n", "PNG image"},
      {"\xff\xd8\xff\xe0", "JPEG image"},
      {"label,1x1,1x2,1x3,1x4\n5,0,0,0,0\n", "CSV"},
      {"@RELATION mnist\n@ATTRIBUTE a numeric\n", "ARFF"},
      {"epochs = 30\n", "text file"},
  };
  for (const auto& [head, name] : cases) EXPECT_THAT(kind_of(head), HasSubstr(name)) << head;
}

TEST(FileKind, IsNoneForIdxAndSafetensorsAndWhatIsUnknown) {
  EXPECT_EQ(kind_of(""), "none");
  EXPECT_EQ(kind_of("\0\0\x0d\x01\0\0\0\1"s), "none");
  EXPECT_EQ(kind_of("\0\0\x08\x03\0\0\0\1"s), "none");
  EXPECT_EQ(kind_of("\x1f\x8b\x08\0\0\0\0\0{\"a\""s), "none");  // a header of 559,903 bytes
  EXPECT_EQ(kind_of("\3\2\1\0\xfe\xdc"s), "none");
  for (std::size_t size = 0; size < 10; ++size) EXPECT_EQ(kind_of(std::string(size, '\1')), "none");
}

TEST(FileHead, IsOfRegularFilesOnly) {
  const test::TempDir dir;
  test::write_file(dir / "long", std::string(5000, 'x'));
  test::write_file(dir / "short", "xy");
  EXPECT_EQ(file_head(dir / "long"), std::string(4096, 'x'));
  EXPECT_EQ(file_head(dir / "short"), "xy");
  ASSERT_EQ(mkfifo((dir / "pipe").c_str(), 0600), 0);
  for (const char* name : {"none", "pipe", "."}) EXPECT_EQ(file_head(dir / name), "") << name;
}

}  // namespace
}  // namespace mnist
