#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "image/plane.h"

namespace mnist {

/// A sheet of paper in a picture: its part of each row, from the first to the last.
using Sheet = std::vector<Run>;

/// The sheet inside a frame, or on a table, without its edge: a rectangle, upright or turned, with
/// something on it that fills at least half of the picture's width and height, and does not touch
/// its border. It is all above or all below one of the thresholds. Empty if there is none.
Sheet sheet_of(const Plane& values, std::initializer_list<float> thresholds);

/// Where a plane of shades lies in the picture.
struct Place {
  std::int64_t left, top;
  std::int64_t reduction;  ///< see Shades
};

/// The box around the sheet, in the picture. The sheet was found in the plane at `found`.
Box box_of(const Sheet& sheet, const Place& found);

/// Gives what lies beside the sheet, which was found in the plane at `found`, the shade that the
/// sheet has at its edge.
void fill_beside(const Sheet& sheet, const Place& found, const Place& place, Plane& shades);

}  // namespace mnist
