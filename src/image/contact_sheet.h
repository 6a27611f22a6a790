#pragma once

#include <cstddef>
#include <vector>

#include "image/gray_image.h"
#include "terminal/gallery.h"

namespace mnist {

/// Images of 28 x 28 in a grid of `columns`, each four times as large under its title and detail,
/// on white.
GrayImage contact_sheet(const std::vector<Captioned>& images, std::size_t columns);

}  // namespace mnist
