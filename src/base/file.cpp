#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/fail.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNotRegular = "not a regular file";

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kSignatures{
    {{"\x1f\x8b\x08", "gzip data (unpack it with gunzip)"},
     {"PK\x03\x04", "a ZIP archive (unpack it)"},
     {"version https://git-lfs", "a Git LFS pointer (run: git lfs pull)"},
     {"\x89PNG", "a PNG image"},
     {"\xff\xd8\xff", "a JPEG image"},
     {"<!", "an HTML page"},
     {"<html", "an HTML page"}}};

constexpr std::size_t kHeadBytes = 512;  // by which a file is recognized

[[noreturn]] void fail_to_write(const fs::path& file, const std::string& problem) {
  fail(ErrorKind::kOutput, "{}: could not be written: {}", full_name(file), problem);
}

/// Flushes to the disk. Where the file system cannot, the file is as safe as it can be.
bool flush(int descriptor) {
  return ::fsync(descriptor) == 0 || errno == EINVAL || errno == ENOSYS || errno == ENOTSUP;
}

/// Writes a file under a temporary name, and renames it. Returns false, with errno, if that fails.
bool write_and_rename(const fs::path& path, const fs::path& temporary, const struct stat* replaced,
                      std::string_view bytes) {
  constexpr mode_t kPermissions = 07777;
  ::unlink(temporary.c_str());  // of a process that was killed
  std::FILE* const file = std::fopen(temporary.c_str(), "wxe");
  if (file == nullptr) return false;
  const int descriptor = ::fileno(file);
  // Some file systems have no permissions to set.
  if (replaced != nullptr) {
    static_cast<void>(::fchmod(descriptor, replaced->st_mode & kPermissions));
  }
  const bool is_written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size() &&
                          std::fflush(file) == 0 && flush(descriptor);
  return std::fclose(file) == 0 && is_written && ::rename(temporary.c_str(), path.c_str()) == 0;
}

}  // namespace

InputFile::InputFile(const fs::path& file, ErrorKind kind) : name_(full_name(file)), kind_(kind) {
  std::error_code error;
  size_ = fs::file_size(file, error);  // which only files have
  if (error) refuse(error == std::errc::not_supported ? kNotRegular : error.message());
  stream_.open(file, std::ios::binary);
  if (!stream_) refuse(std::strerror(errno));
}

void InputFile::read(std::uint64_t position, std::span<char> bytes) {
  stream_.seekg(static_cast<std::streamoff>(position));
  stream_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!stream_) refuse(std::strerror(errno));
}

std::string InputFile::head(std::uint64_t count) {
  std::string bytes(std::min(count, size_), '\0');
  read(0, bytes);
  return bytes;
}

void InputFile::refuse(const std::string& problem) const {
  fail(kind_, "{}: cannot be read: {}", name_, problem);
}

std::string read_file(const fs::path& file, ErrorKind kind, std::uint64_t max_bytes) {
  InputFile input(file, kind);
  if (input.size() > max_bytes) input.refuse(fmt::format("more than {} bytes", max_bytes));
  return input.head(input.size());
}

void write_file(const fs::path& file, std::string_view bytes) {
  std::error_code error;
  fs::path path = fs::absolute(file, error);
  if (!error) path = fs::weakly_canonical(path, error);  // behind symlinks
  if (error) fail_to_write(file, error.message());
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    fail_to_write(path, S_ISDIR(status.st_mode) ? std::strerror(EISDIR) : kNotRegular);
  }
  const fs::path temporary =
      path.parent_path() / fmt::format(".{}.{}.tmp", path.filename().string(), ::getpid());
  if (!write_and_rename(path, temporary, exists ? &status : nullptr, bytes)) {
    const int problem = errno;
    ::unlink(temporary.c_str());
    fail_to_write(path, std::strerror(problem));
  }
  // So that the new name outlasts a crash; not all file systems can do that.
  const int directory = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  static_cast<void>(::fsync(directory));
  ::close(directory);
}

std::string_view file_kind(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, kHeadBytes);
  // torch.save writes a ZIP archive whose first member is data.pkl, and TorchScript's is data/0.
  const bool is_zip = head.starts_with("PK\x03\x04");
  const auto has = [&](std::string_view name) { return head.find(name) != std::string_view::npos; };
  if (is_zip && (has("/data.pkl") || has("/data/0"))) {
    return "a PyTorch file (torch.save)";
  }
  for (const auto& [signature, name] : kSignatures) {
    if (head.starts_with(signature)) return name;
  }
  return "";
}

std::string_view file_kind(InputFile& file) { return file_kind(file.head(kHeadBytes)); }

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

fs::path directory_path(const fs::path& dir) {
  std::error_code error;
  const fs::path path = fs::absolute(dir / "", error);
  if (error) fail(ErrorKind::kUsage, "{}: the current directory no longer exists", dir.string());
  return path.lexically_normal().parent_path();
}

std::string full_name(const fs::path& file) {
  if (file.empty()) return "''";
  std::error_code ignored;
  const fs::path path = fs::absolute(file, ignored);
  return (path.empty() ? file : path.lexically_normal()).string();
}

}  // namespace mnist
