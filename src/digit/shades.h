#pragma once

#include <vector>

#include "image/color_image.h"
#include "image/plane.h"

namespace mnist {

/// A picture in shades, 0 to 255, reduced so that it is quick to work on.
struct Shades {
  std::int64_t reduction;      ///< a pixel is the mean of so many pixels squared
  std::vector<Plane> choices;  ///< the brightness; where there are colours, also each channel
};

/// The part of the picture in the box in shades. The brightness is that of Recommendation ITU-R
/// BT.601. Paper with a transparent surround gets its own colour there; if just the ink is opaque,
/// it is laid on white or on black, whichever differs more.
Shades shades_of(const ColorImage& picture, const Box& box);

}  // namespace mnist
