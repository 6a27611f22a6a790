#pragma once

#include "digit/ground.h"
#include "image/plane.h"

namespace mnist {

/// Makes a part of the ground what is broader than a stroke, a third of the picture, and reaches
/// its border: a shadow or, where most of the picture is in the shadow, the lit part. Source: the
/// top-hat transform of F. Meyer, "Iterative image transformations for an automatic screening of
/// cervical smears", 1979.
void add_shadows(const Plane& shades, Ground& ground);

/// What stands out from a picture's paper.
struct Relief {
  Plane distances;  ///< in shades, from the paper to the side of the ink; below 0 on the other side
  float noise;      ///< the standard deviation of the paper
};

/// Takes the paper's shades away, and finds out whether the ink is dark or light. Where there is
/// less light, ink differs less from its paper; so the distances are to those of even light.
Relief relief_of(const Plane& shades, const Ground& ground);

/// The distance of full ink: few of the pixels that stand out of the noise are farther from the
/// paper. 0 if none stands out.
float full_ink(const Relief& relief);

/// How much ink there is.
struct Ink {
  Plane amount;    ///< 0 for paper; about 1 for ink, whatever its shade was
  float contrast;  ///< from paper to ink, in shades; 0 if nothing stands out of the noise
};

/// Ink that is thinner than this share of the full one does not count: it is the soft edge of a
/// stroke, or a trace.
constexpr float kTrace = 24.0F / 255;

/// Scales the distances so that full ink is 1, and what is as faint as most of the paper's noise
/// and dirt is 0.
Ink ink_of(Relief relief);

}  // namespace mnist
