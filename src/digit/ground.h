#pragma once

#include "image/plane.h"

namespace mnist {

/// The paper of a picture.
struct Ground {
  Plane shade;  ///< at each pixel, also below the ink
  float noise;  ///< the standard deviation of the paper from that
};

/// The shade that the paper has at each pixel, also below the ink. Even paper, as in drawings and
/// screenshots, has one shade throughout. Elsewhere a plane is fitted to the pixels around each,
/// first to all of the picture and then to ever smaller parts; pixels that are far from the fit are
/// ink, and left out of the next one. Where they are clearly of two classes, the fit goes on from
/// that of the border. Source for the local fit: W. S. Cleveland, "Robust locally
/// weighted regression and smoothing scatterplots", 1979.
Ground ground_of(const Plane& shades);

}  // namespace mnist
