#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace mnist {

constexpr std::size_t kHeadBytes = 512;  ///< by which file_kind() recognizes a file

/// The first kHeadBytes of a regular file; fewer if it is shorter, none if it cannot be read.
std::string file_head(const std::filesystem::path& file);

/// What people often give in place of a data set, a model or a picture, by the first bytes: "gzip
/// data (unpack it)", "a ZIP archive", "a PyTorch file (torch.save)", "a Git LFS pointer", "an HTML
/// page", "a PNG image" or "a JPEG image". Empty for anything else.
std::string_view file_kind(std::string_view head);

}  // namespace mnist
