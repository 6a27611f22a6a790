#include "base/file_kind.h"

#include <array>
#include <fstream>
#include <system_error>
#include <utility>

namespace mnist {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kSignatures{
    {{"\x1f\x8b\x08", "gzip data (unpack it with gunzip)"},
     {"PK\x03\x04", "a ZIP archive (unpack it)"},
     {"version https://git-lfs", "a Git LFS pointer (run: git lfs pull)"},
     {"\x89PNG", "a PNG image"},
     {"\xff\xd8\xff", "a JPEG image"},
     {"<!", "an HTML page"},
     {"<html", "an HTML page"}}};

}  // namespace

std::string file_head(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return "";  // a pipe might never end
  std::string head(kHeadBytes, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(head.data(), kHeadBytes);
  head.resize(static_cast<std::size_t>(stream.gcount()));
  return head;
}

std::string_view file_kind(std::string_view head) {
  // torch.save writes a ZIP archive whose first member is data.pkl, and TorchScript's is data/0.
  const bool is_zip = head.starts_with("PK\x03\x04");
  if (is_zip && (head.find("/data.pkl") != head.npos || head.find("/data/0") != head.npos)) {
    return "a PyTorch file (torch.save)";
  }
  for (const auto& [signature, name] : kSignatures) {
    if (head.starts_with(signature)) return name;
  }
  return "";
}

}  // namespace mnist
