#pragma once

#include "digit/plane.h"

namespace mnist {

/// The part of the plane in the box, resized by linear interpolation that averages over all pixels
/// it passes when it makes a row shorter, as Pillow's BILINEAR filter does.
Plane resize(const Plane& plane, const Box& box, std::int64_t width, std::int64_t height);

}  // namespace mnist
