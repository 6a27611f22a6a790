#pragma once

namespace mnist {

/// What is at the other end of a stream.
struct Display {
  bool is_terminal = false;  ///< that can draw a line again and show colors
  bool has_grays = false;    ///< the 24 grays among 256 colors, and half-block characters
  int columns = 80;
};

/// What a file descriptor leads to. The colors of a terminal are taken from $TERM and $COLORTERM,
/// and its character set, which has half blocks if it is UTF-8, from $LC_ALL, $LC_CTYPE and $LANG.
/// There are no grays if $NO_COLOR is set.
Display display_of(int descriptor);

}  // namespace mnist
