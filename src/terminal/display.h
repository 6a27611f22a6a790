#pragma once

namespace mnist {

/// In what a display can show shades.
enum class Shades {
  kAscii,      ///< letters only
  k256,        ///< the 24 greys among 256 colours
  kTrueColor,  ///< 24-bit colour
};

/// What is at the other end of a stream.
struct Display {
  bool is_terminal = false;  ///< one that can redraw a line and show colour
  bool is_utf8 = false;
  int columns = 80;
  Shades shades = Shades::kAscii;
};

/// What a file descriptor leads to. A terminal's kind is taken from $TERM and $COLORTERM, and its
/// character set from $LC_ALL, $LC_CTYPE and $LANG. Shades are letters where $NO_COLOR is set, or
/// without UTF-8, since half-block characters need it.
Display display_of(int descriptor);

}  // namespace mnist
