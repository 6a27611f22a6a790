#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/gray_image.h"

namespace mnist {

/// What is measured at each pixel of a picture: a shade, or an amount of ink.
using Plane = Raster<float>;

/// A part of a picture; right and bottom are the first column and row after it.
struct Box {
  std::int64_t left, top, right, bottom;

  std::int64_t width() const { return right - left; }
  std::int64_t height() const { return bottom - top; }
};

/// The smallest box around all pixels of more than `least`.
inline Box box_of(const Plane& plane, float least) {
  Box box{plane.width, plane.height, 0, 0};
  for (std::int64_t y = 0; y < plane.height; ++y) {
    for (std::int64_t x = 0; x < plane.width; ++x) {
      if (plane.at(x, y) <= least) continue;
      box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x + 1),
             std::max(box.bottom, y + 1)};
    }
  }
  return box;
}

/// Pixels of a row that are beside each other; end is the first column after them.
struct Run {
  std::int64_t row, begin, end;
};

/// A connected part of a picture that is all ink or all paper.
struct Region {
  bool is_ink;
  Box box;
  std::int64_t area;      ///< pixels
  double mass;            ///< the sum of its ink
  float peak;             ///< its most ink
  std::int64_t spanned;   ///< pixels that are between the first and the last one of each row
  std::vector<Run> runs;  ///< row by row
};

/// Whether the box comes within this margin of all four sides of the picture, as in one that was
/// cut to the box of its digit.
inline bool reaches_all_sides(const Box& box, const Plane& picture, std::int64_t margin) {
  return box.left <= margin && box.top <= margin && box.right + margin >= picture.width &&
         box.bottom + margin >= picture.height;
}

/// Whether the box reaches a side of the picture.
inline bool touches_border(const Box& box, const Plane& picture) {
  return box.left == 0 || box.top == 0 || box.right == picture.width ||
         box.bottom == picture.height;
}

/// The regions of ink, where there is more than `least`, joined also over corners, and those of
/// paper, joined over sides only.
std::vector<Region> regions_of(const Plane& ink, float least);

}  // namespace mnist
