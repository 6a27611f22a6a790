#include "train/images.h"

#include <cstddef>

#include "mnist_train/shape.h"

namespace mnist {

torch::Tensor to_float(const torch::Tensor& images) { return images.to(torch::kFloat32).div_(255); }

SparseImages to_sparse(const torch::Tensor& images) {
  const torch::Tensor rows = images.contiguous();
  return compress(rows.data_ptr<std::uint8_t>(), static_cast<std::size_t>(rows.size(0)));
}

torch::Tensor to_dense(const SparseImages& images) {
  torch::Tensor bytes =
      torch::zeros({static_cast<std::int64_t>(images.size()), kPixels}, torch::kUInt8);
  auto* row = bytes.data_ptr<std::uint8_t>();
  for (std::size_t i = 0; i < images.size(); ++i, row += kPixels) {
    for (std::size_t e = images.begin[i]; e < images.begin[i + 1]; ++e) {
      row[images.pixels[e]] = images.values[e];
    }
  }
  return bytes;
}

std::span<const std::int64_t> as_span(const torch::Tensor& tensor) {
  return {tensor.data_ptr<std::int64_t>(), static_cast<std::size_t>(tensor.numel())};
}

}  // namespace mnist
