#pragma once

#include "image/plane.h"

namespace mnist {

/// The ink in the box in the form of MNIST's images: 28 x 28, white on black, scaled with its
/// proportions kept to fill a box of 20 x 20, and placed so that its centre of mass is in the
/// middle. Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten
/// digits". There has to be some ink in the box.
GrayImage to_mnist_form(const Plane& ink, const Box& box);

}  // namespace mnist
