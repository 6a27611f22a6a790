#pragma once

#include "digit/ground.h"
#include "digit/plane.h"

namespace mnist {

/// Makes a part of the ground what is broader than a stroke, a quarter of the picture, and reaches its
/// border: a shadow or, where most of the picture is in the shadow, the lit part. Source: the top-hat
/// transform of F. Meyer, "Iterative image transformations for an automatic screening of cervical
/// smears", 1979.
void add_shadows(const Plane& shades, Ground& ground);

/// Takes the lines of lined or squared paper away: thin rows and columns that are darker than the
/// noise from one side of the picture to the other. Where ink crosses a line, it is closed over the
/// gap. `distances` are from the paper to the side of the ink.
void remove_lines(Plane& distances, float noise);

}  // namespace mnist
