#pragma once

namespace mnist {

/// How a display can show shades of gray.
enum class Shades {
  kAscii,  ///< by letters
  k256,    ///< by the 24 grays among 256 colors
};

/// What is at the other end of a stream.
struct Display {
  bool is_terminal = false;  ///< that can draw a line again and show colors
  int columns = 80;
  Shades shades = Shades::kAscii;
};

/// What a file descriptor leads to. The colors of a terminal are taken from $TERM and $COLORTERM,
/// and its character set from $LC_ALL, $LC_CTYPE and $LANG. Shades are shown by letters if
/// $NO_COLOR is set, and without UTF-8, which half-block characters need.
Display display_of(int descriptor);

}  // namespace mnist
