#include "sparse/images.h"

#include <algorithm>

#include "mnist_train/shape.h"

namespace mnist {

SparseImages compress(const std::uint8_t* images, std::size_t count) {
  constexpr auto kSize = static_cast<std::size_t>(kPixels);
  SparseImages sparse;
  const auto blacks = std::count(images, images + count * kSize, std::uint8_t{0});
  sparse.pixels.reserve(count * kSize - static_cast<std::size_t>(blacks));
  sparse.values.reserve(sparse.pixels.capacity());
  sparse.begin.reserve(count + 1);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t pixel = 0; pixel < kSize; ++pixel) {
      const std::uint8_t value = images[i * kSize + pixel];
      if (value == 0) continue;
      sparse.pixels.push_back(static_cast<std::uint16_t>(pixel));
      sparse.values.push_back(value);
    }
    sparse.begin.push_back(sparse.pixels.size());
  }
  return sparse;
}

void expand(const SparseImages& images, std::size_t index, float* image) {
  std::fill_n(image, kPixels, 0.0F);
  for (std::size_t e = images.begin[index]; e < images.begin[index + 1]; ++e) {
    image[images.pixels[e]] = pixel_value(images.values[e]);
  }
}

}  // namespace mnist
