#include "sparse/images.h"

#include <algorithm>
#include <cmath>

#include "mnist_train/shape.h"

namespace mnist {

std::optional<SparseImages> compress(const float* images, std::size_t count) {
  constexpr auto kSize = static_cast<std::size_t>(kPixels);
  constexpr float kWhite = 255.0F;
  SparseImages sparse;
  sparse.begin.reserve(count + 1);
  sparse.begin.push_back(0);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t pixel = 0; pixel < kSize; ++pixel) {
      const float value = images[i * kSize + pixel];
      if (value == 0.0F) continue;
      if (!(0.0F < value && value <= 1.0F)) return std::nullopt;
      const float steps = std::nearbyint(value * kWhite);
      if (steps / kWhite != value) return std::nullopt;
      sparse.pixels.push_back(static_cast<std::uint16_t>(pixel));
      sparse.values.push_back(static_cast<std::uint8_t>(steps));
    }
    sparse.begin.push_back(sparse.pixels.size());
  }
  sparse.pixels.shrink_to_fit();
  sparse.values.shrink_to_fit();
  return sparse;
}

void expand(const SparseImages& images, std::size_t index, float* image) {
  std::fill_n(image, kPixels, 0.0F);
  for (std::size_t e = images.begin[index]; e < images.begin[index + 1]; ++e) {
    image[images.pixels[e]] = pixel_value(images.values[e]);
  }
}

}  // namespace mnist
