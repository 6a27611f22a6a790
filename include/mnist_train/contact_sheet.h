#pragma once

#include <cstddef>
#include <vector>

#include "mnist_train/gallery.h"
#include "mnist_train/gray_image.h"

namespace mnist {

/// Images of 28 x 28 in a grid of `columns`, each four times as large under its title and detail,
/// on white.
GrayImage contact_sheet(const std::vector<Captioned>& images, std::size_t columns);

}  // namespace mnist
