#pragma once

#include <string_view>

namespace mnist {

/// A kind of file that is not read, by its first bytes.
struct FileKind {
  std::string_view name;    ///< "a GIF image"
  std::string_view remedy;  ///< "save it as PNG"
};

/// What the file is, as far as that is known.
FileKind file_kind(std::string_view bytes);

}  // namespace mnist
