#include "base/file_kind.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <utility>
#include <vector>

#include "support.h"

namespace mnist {
namespace {

using namespace std::string_literals;

TEST(FileKind, IsToldByTheFirstBytes) {
  const std::string torch = "a PyTorch file (torch.save)";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
       "a Git LFS pointer (run: git lfs pull)"},
      {"<!DOCTYPE html><title>403</title>", "an HTML page"},
      {"<html>", "an HTML page"},
      {"PK\3\4\0\0\x08\x08\0\0\0\0\0\0archive/data.pkl"s, torch},
      {"PK\3\4\0\0\x08\x08\0\0\0\0\0\0net/data/0FB"s, torch},  // TorchScript
      {"PK\3\4\x14\0\0\0train.csv"s, "a ZIP archive (unpack it)"},
      {"\x1f\x8b\x08\0\0\0\0\0\0\x03"s, "gzip data (unpack it with gunzip)"},
      {"\x89PNG\r\n\x1a\n", "a PNG image"},
      {"\xff\xd8\xff\xe0", "a JPEG image"},
      {"", ""},
      {"\0\0\x08\x03\0\0\0\1"s, ""},
      {"epochs = 30\n", ""}};
  for (const auto& [head, name] : cases) EXPECT_EQ(file_kind(head), name) << head;
}

TEST(FileHead, IsOfRegularFilesOnly) {
  const test::TempDir dir;
  test::write_file(dir / "long", std::string(5000, 'x'));
  test::write_file(dir / "short", "xy");
  EXPECT_EQ(file_head(dir / "long"), std::string(kHeadBytes, 'x'));
  EXPECT_EQ(file_head(dir / "short"), "xy");
  ASSERT_EQ(mkfifo((dir / "pipe").c_str(), 0600), 0);
  for (const char* name : {"none", "pipe", "."}) EXPECT_EQ(file_head(dir / name), "") << name;
}

}  // namespace
}  // namespace mnist
