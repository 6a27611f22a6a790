#pragma once

#include "image/gray_image.h"

namespace mnist {

/// Brings the picture of one digit, of any size, dark on light or light on dark, into the form of
/// MNIST's images: 28 x 28, white on black, scaled with its proportions kept to fill a box of 20 x
/// 20, and placed so that its centre of mass is in the middle. Source: Y. LeCun, C. Cortes, C. J.
/// C. Burges, "The MNIST database of handwritten digits". Shades that differ from the ground no
/// more than the picture's border does are ground too, so that the paper in a photo becomes black.
/// Throws Error(kData) if nothing stands out from the ground; the message does not name the file,
/// which the caller knows.
GrayImage prepare_digit(const GrayImage& image);

}  // namespace mnist
