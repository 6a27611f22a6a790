#include "train/classifier.h"

#include <torch/utils.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "mnist_train/shape.h"

namespace mnist {

torch::Tensor to_tensor(const std::vector<GrayImage>& images) {
  const auto count = static_cast<std::int64_t>(images.size());
  torch::Tensor bytes = torch::empty({count, kPixels}, torch::kUInt8);
  auto* out = bytes.data_ptr<std::uint8_t>();
  for (const GrayImage& image : images) {
    out = std::copy(image.pixels.begin(), image.pixels.end(), out);
  }
  return bytes.to(torch::kFloat32).div_(255);
}

GrayImage image_at(const Dataset& data, std::int64_t position) {
  const torch::Tensor bytes = data.images[position].mul(255).round().to(torch::kUInt8);
  GrayImage image(kImageSide, kImageSide);
  std::copy_n(bytes.data_ptr<std::uint8_t>(), kPixels, image.pixels.begin());
  return image;
}

std::vector<Prediction> classify(Mlp model, const torch::Tensor& images) {
  constexpr std::int64_t kBatch = 1000;
  const torch::NoGradGuard no_grad;
  std::vector<Prediction> predictions;
  for (const torch::Tensor& batch : images.split(kBatch)) {
    // In float64, in which logits that differ stay apart: the digit is that of the largest one.
    const torch::Tensor logits = model->forward(batch).to(torch::kFloat64);
    const torch::Tensor rows = torch::softmax(logits, 1).contiguous();
    const auto* probabilities = rows.data_ptr<double>();
    for (std::int64_t i = 0; i < rows.size(0); ++i, probabilities += kDigits) {
      std::copy_n(probabilities, kDigits, predictions.emplace_back().probabilities.begin());
    }
  }
  return predictions;
}

std::vector<Mistake> find_mistakes(Mlp model, const Dataset& data) {
  const std::vector<Prediction> predictions = classify(std::move(model), data.images);
  const auto labels = data.labels.accessor<std::int64_t, 1>();
  std::vector<Mistake> mistakes;
  for (std::int64_t i = 0; i < data.size(); ++i) {
    if (predictions[i].digit() == labels[i]) continue;
    mistakes.push_back({i, labels[i], predictions[i], image_at(data, i)});
  }
  return mistakes;
}

std::vector<Mistake> most_confident(std::vector<Mistake> mistakes, std::size_t count) {
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Mistake& one, const Mistake& other) {
    return one.prediction.probability() > other.prediction.probability();
  });
  if (mistakes.size() > count) {
    mistakes.erase(mistakes.begin() + static_cast<std::ptrdiff_t>(count), mistakes.end());
  }
  return mistakes;
}

}  // namespace mnist
