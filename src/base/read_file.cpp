#include "base/read_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>

namespace mnist {

namespace fs = std::filesystem;

FileContents read_file(const fs::path& file, std::uintmax_t max_bytes) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) return {"", "a folder, device or pipe"};
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return {"", std::strerror(errno)};
  if (fs::file_size(file, error) > max_bytes) {
    return {"", "more than " + std::to_string(max_bytes) + " bytes"};
  }
  std::ostringstream bytes;
  if (stream.peek() != std::ifstream::traits_type::eof()) bytes << stream.rdbuf();
  if (stream.bad() || bytes.bad()) return {"", std::strerror(errno)};
  return {bytes.str(), ""};
}

std::string full_name(const fs::path& file) {
  if (file.empty()) return "''";
  std::error_code ignored;
  const fs::path path = fs::absolute(file, ignored);
  return (path.empty() ? file : path.lexically_normal()).string();
}

}  // namespace mnist
