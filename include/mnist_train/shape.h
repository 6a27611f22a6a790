#pragma once

#include <cstdint>

namespace mnist {

constexpr std::int64_t kImageSide = 28;                    ///< pixels; images are square
constexpr std::int64_t kPixels = kImageSide * kImageSide;  ///< inputs of the network
constexpr std::int64_t kDigits = 10;                       ///< classes; outputs of the network

}  // namespace mnist
