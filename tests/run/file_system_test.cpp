// Writing files, also where the file system does less than it should.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "mnist_train/error.h"
#include "run/folder.h"
#include "support.h"

namespace {

/// What a file system answers; 0: what this one does.
struct Answers {
  int flush_file = 0;
  int flush_folder = 0;
  int lock = 0;
} answers;

int answer(int error, int number, int descriptor, int argument) {
  if (error == 0) return static_cast<int>(syscall(number, descriptor, argument));
  errno = error;
  return -1;
}

}  // namespace

// In place of the C library's, in this program only.
extern "C" int fsync(int descriptor) {
  struct stat status {};
  fstat(descriptor, &status);
  return answer(S_ISDIR(status.st_mode) ? answers.flush_folder : answers.flush_file, SYS_fsync,
                descriptor, 0);
}
extern "C" int flock(int descriptor, int operation) noexcept {
  return answer(answers.lock, SYS_flock, descriptor, operation);
}

namespace mnist {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// As on another file system, until it leaves.
class OtherFileSystem {
 public:
  explicit OtherFileSystem(const Answers& given) { answers = given; }
  ~OtherFileSystem() { answers = {}; }
};

TEST(WriteAtomically, ReplacesTheFileAndLeavesNothingElse) {
  const test::TempDir dir;
  write_atomically(dir / "file", "old");
  write_atomically(dir / "file", "new");
  EXPECT_EQ(test::read_file(dir / "file"), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()), 1);
}

std::string refusal_to_write(const fs::path& file) {
  try {
    write_atomically(file, "new");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kOutput);
    return error.what();
  }
  ADD_FAILURE() << "wrote " << file;
  return "";
}

TEST(WriteAtomically, NamesTheFileThatCouldNotBeWritten) {
  const test::TempDir dir;
  EXPECT_THAT(refusal_to_write(dir / "none/file"),
              HasSubstr((dir / "none/file").string() + ": could not be written: No such file"));
}

TEST(WriteAtomically, ReplacesFilesOnly) {
  const test::TempDir dir;
  fs::create_directory(dir / "folder");
  ASSERT_EQ(mkfifo((dir / "pipe").c_str(), 0600), 0);
  for (const char* name : {"folder", "pipe"}) {
    EXPECT_THAT(refusal_to_write(dir / name), HasSubstr("expected a file")) << name;
    EXPECT_FALSE(fs::is_regular_file(dir / name));
  }
  test::write_file(dir / "target", "old");
  fs::create_symlink("target", dir / "link");
  write_atomically(dir / "link", "new");
  EXPECT_TRUE(fs::is_symlink(dir / "link"));
  EXPECT_EQ(test::read_file(dir / "target"), "new");
}

TEST(WriteAtomically, SaysThatAFileSystemCannotFlush) {
  const test::TempDir dir;
  EXPECT_EQ(write_atomically(dir / "file", "here"), "");
  for (const int error : {EINVAL, ENOSYS, ENOTSUP, EOPNOTSUPP, EPERM, EACCES, EBADF}) {
    for (const Answers& given : {Answers{error, 0, 0}, Answers{0, error, 0}}) {
      const OtherFileSystem there(given);
      EXPECT_EQ(write_atomically(dir / "file", std::to_string(error)), std::strerror(error));
    }
    EXPECT_EQ(test::read_file(dir / "file"), std::to_string(error));
  }
}

TEST(WriteAtomically, FailsIfFlushingDoes) {
  const test::TempDir dir;
  write_atomically(dir / "file", "old");
  for (const auto& [error, remedy] : std::vector<std::pair<int, std::string>>{
           {ENOSPC, "make room"}, {EDQUOT, "make room"}, {EIO, "check the disk"}}) {
    const OtherFileSystem there({error, 0, 0});
    EXPECT_THAT(refusal_to_write(dir / "file"), HasSubstr(std::strerror(error) + ("; " + remedy)));
    EXPECT_EQ(test::read_file(dir / "file"), "old");
  }
}

TEST(ReplaceOwn, LeavesFilesOfOthers) {
  const test::TempDir dir;
  replace_own(dir / "page", "<mark> one", "<mark>", "a page");
  fs::permissions(dir / "page", fs::perms::owner_read | fs::perms::owner_write);
  replace_own(dir / "page", "<mark> two", "<mark>", "a page");
  EXPECT_EQ(test::read_file(dir / "page"), "<mark> two");
  EXPECT_EQ(fs::status(dir / "page").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  test::write_file(dir / "other", "precious");
  test::write_file(dir / ".page.tmp", "precious, too");
  try {
    replace_own(dir / "other", "<mark> three", "<mark>", "a page");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kOutput);
    EXPECT_THAT(error.what(), HasSubstr("expected a page to replace, found another file"));
  }
  EXPECT_EQ(test::read_file(dir / "other"), "precious");
  EXPECT_EQ(test::read_file(dir / ".page.tmp"), "precious, too");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()), 3);
}

OutputOptions output_in(const fs::path& dir) {
  OutputOptions output;
  output.dir = dir.string();
  output.existing = Existing::kResume;
  return output;
}

/// What a run in the folder is told of its file system, with an epoch in between.
std::vector<std::string> caveats_of_a_run(const fs::path& dir) {
  TrainingOptions options;
  options.hidden = {2};
  RunFolder folder(output_in(dir));
  folder.begin(Mlp(options.hidden), options, {}, {});
  folder.on_epoch({1, 30, 1.0, 1.0, 100.0});
  return folder.caveats();
}

TEST(RunFolder, SaysWhatTheFileSystemCannotDo) {
  const test::TempDir dir;
  EXPECT_THAT(caveats_of_a_run(dir / "run"), testing::IsEmpty());
  for (const int error : {ENOSYS, ENOLCK, EOPNOTSUPP, ENOTSUP, EBADF, EINVAL}) {
    const OtherFileSystem there({error, 0, error});
    const std::string run = (dir / "run").string();
    EXPECT_THAT(
        caveats_of_a_run(run),  // once for all files
        testing::ElementsAre(HasSubstr(run + ": cannot be locked there (" + strerror(error)),
                             HasSubstr(run + ": cannot be flushed")));
  }
  const OtherFileSystem broken({0, 0, EIO});
  EXPECT_THROW(RunFolder{output_in(dir / "run")}, Error);
}

}  // namespace
}  // namespace mnist
