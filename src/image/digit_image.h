#pragma once

#include "image/gray_image.h"

namespace mnist {

/// Brings the picture of one digit, of any size, dark on light or light on dark, to the form of
/// MNIST's images: 28 x 28, white on black, the digit's proportions kept in a box of 20 x 20, its
/// centre of mass in the middle. Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database
/// of handwritten digits". What the border varies by counts as ground, so that paper in a photo
/// comes out black. Throws Error(kData) if nothing stands out from the ground; its text says only
/// what was expected and found, not in which file.
GrayImage prepare_digit(const GrayImage& image);

}  // namespace mnist
