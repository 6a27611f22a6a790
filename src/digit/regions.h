#pragma once

#include <vector>

#include "digit/plane.h"

namespace mnist {

/// A connected part of a picture that is all ink or all paper.
struct Region {
  bool is_ink;
  Box box;
  std::int64_t area;  ///< pixels
  double mass;        ///< the sum of its ink
  float peak;         ///< its most ink
  double filled;      ///< the share of its box that is between its pixels in each row and each column
  std::vector<std::size_t> pixels;  ///< their indices; of ink only
};

/// Whether the box reaches a side of the picture.
inline bool touches_border(const Box& box, const Plane& picture) {
  return box.left == 0 || box.top == 0 || box.right == picture.width ||
         box.bottom == picture.height;
}

/// The regions of ink, where there is more than `least`, joined also over corners, and those of paper,
/// joined over sides only.
std::vector<Region> regions_of(const Plane& ink, float least);

}  // namespace mnist
