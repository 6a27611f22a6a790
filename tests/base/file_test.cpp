#include "base/file.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "support.h"

namespace {

int fsync_error = 0;  // what fsync() of a file fails with; 0: nothing

}  // namespace

// In place of the C library's, in this program only.
extern "C" int fsync(int descriptor) {
  if (fsync_error == 0) return static_cast<int>(syscall(SYS_fsync, descriptor));
  errno = fsync_error;
  return -1;
}

namespace mnist {
namespace {

using namespace std::string_literals;

/// Lets fsync() fail until the end of its scope.
class FailingFsync {
 public:
  explicit FailingFsync(int error) { fsync_error = error; }
  ~FailingFsync() { fsync_error = 0; }
};

std::ptrdiff_t files_in(const fs::path& dir) {
  return std::distance(fs::directory_iterator(dir), fs::directory_iterator());
}

mode_t mode_of(const fs::path& file) {
  struct stat status {};
  EXPECT_EQ(stat(file.c_str(), &status), 0);
  return status.st_mode & 07777;
}

std::string error_of_writing(const fs::path& file) {
  return test::error_of(ErrorKind::kOutput, [&] { write_file(file, "new"); });
}

TEST(WriteFile, ReplacesTheContentsAndLeavesNothingElse) {
  const test::TempDir dir;
  for (const std::string& bytes : {"old\0bytes"s, "new"s, ""s}) {
    write_file(dir / "file", bytes);
    EXPECT_EQ(test::read_file(dir / "file"), bytes);
    EXPECT_EQ(files_in(dir.path()), 1);
  }
}

TEST(WriteFile, KeepsPermissionsAndGivesNewFilesThoseOfTheUmask) {
  const test::TempDir dir;
  const mode_t before = umask(027);
  write_file(dir / "file", "old");
  EXPECT_EQ(mode_of(dir / "file"), 0640U);
  for (const mode_t mode : {0600U, 0666U, 0444U}) {
    EXPECT_EQ(chmod((dir / "file").c_str(), mode), 0);
    write_file(dir / "file", "new");
    EXPECT_EQ(mode_of(dir / "file"), mode);
  }
  umask(before);
}

TEST(WriteFile, FollowsSymlinks) {
  const test::TempDir dir;
  test::write_file(dir / "target", "old");
  fs::create_symlink("target", dir / "link");
  write_file(dir / "link", "new");
  EXPECT_TRUE(fs::is_symlink(dir / "link"));
  EXPECT_EQ(test::read_file(dir / "target"), "new");
}

TEST(WriteFile, SaysWhyItCannot) {
  const test::TempDir dir;
  fs::create_directory(dir / "dir");
  ASSERT_EQ(mkfifo((dir / "pipe").c_str(), 0600), 0);
  for (const auto& [file, reason] : {std::pair{dir / "dir", "Is a directory"},
                                     {dir / "none/file", "No such file or directory"},
                                     {dir / "pipe", "not a regular file"},
                                     {"/dev/null", "not a regular file"}}) {
    EXPECT_EQ(error_of_writing(file), file.string() + ": could not be written: " + reason);
  }
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(files_in(dir.path()), 2);
}

TEST(WriteFile, KeepsTheOldContentsIfTheNewOnesCannotBeFlushed) {
  const test::TempDir dir;
  write_file(dir / "file", "old");
  for (const int error : {ENOSPC, EDQUOT, EIO}) {
    const FailingFsync failing(error);
    EXPECT_EQ(error_of_writing(dir / "file"),
              (dir / "file").string() + ": could not be written: " + std::strerror(error));
    EXPECT_EQ(test::read_file(dir / "file"), "old");
    EXPECT_EQ(files_in(dir.path()), 1);
  }
}

TEST(WriteFile, WritesWhereTheFileSystemCannotFlush) {
  const test::TempDir dir;
  for (const int error : {EINVAL, ENOSYS, ENOTSUP}) {
    const FailingFsync failing(error);
    write_file(dir / "file", std::to_string(error));
    EXPECT_EQ(test::read_file(dir / "file"), std::to_string(error));
  }
}

TEST(ReadFile, ReadsAllBytes) {
  const test::TempDir dir;
  for (const std::string& bytes : {""s, "a\0b\n"s}) {
    test::write_file(dir / "file", bytes);
    EXPECT_EQ(read_file(dir / "file", ErrorKind::kData, bytes.size()), bytes);
  }
}

TEST(ReadFile, SaysWhyItCannot) {
  const test::TempDir dir;
  ASSERT_EQ(mkfifo((dir / "pipe").c_str(), 0600), 0);  // nobody writes to it: no wait
  test::write_file(dir / "file", "12345");
  for (const auto& [file, reason] : {std::pair{dir / "none", "No such file or directory"},
                                     {dir.path(), "Is a directory"},
                                     {dir / "pipe", "not a regular file"},
                                     {"/dev/zero", "not a regular file"},
                                     {dir / "file", "more than 4 bytes"}}) {
    const auto read = [&path = file] { read_file(path, ErrorKind::kData, 4); };
    EXPECT_EQ(test::error_of(ErrorKind::kData, read),
              file.string() + ": cannot be read: " + reason);
  }
}

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
  for (const auto& [head, name] : cases) {
    EXPECT_EQ(file_kind(head), name) << head;
  }
}

TEST(DirectoryPath, EndsWithTheNameOfTheDirectory) {
  for (const char* path : {"/a/b/", "/a/b/.", "/a/c/../b"}) EXPECT_EQ(directory_path(path), "/a/b");
  EXPECT_EQ(directory_path("b"), fs::current_path() / "b");
}

}  // namespace
}  // namespace mnist
