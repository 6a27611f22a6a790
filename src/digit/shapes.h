#pragma once

#include <string>
#include <vector>

#include "image/plane.h"

namespace mnist {

/// Ink of at least this amount is no soft edge.
constexpr float kStrong = 0.5;

/// The shapes that make the digit.
struct DigitShapes {
  Plane ink;  ///< without the other shapes
  Box box;    ///< around the digit
  std::vector<std::string> doubts;
};

/// Takes the shape with the most ink and what is near enough to be a part of it; specks are
/// dropped. Throws Error(kData) if there are only specks, or more shapes than a digit and some
/// dirt.
DigitShapes digit_of(const std::vector<Region>& regions, const Plane& ink);

}  // namespace mnist
