#include "mnist_train/model.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "mnist_train/shape.h"

namespace mnist {

MlpImpl::MlpImpl(const std::vector<std::int64_t>& hidden) {
  std::vector<std::int64_t> widths{kPixels};
  widths.insert(widths.end(), hidden.begin(), hidden.end());
  widths.push_back(kDigits);
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    layers_.emplace_back(
        register_module("fc" + std::to_string(i + 1), torch::nn::Linear(widths[i], widths[i + 1])));
  }
}

torch::Tensor MlpImpl::forward(torch::Tensor images) {
  torch::Tensor activations = std::move(images);
  for (std::size_t i = 0; i + 1 < layers_.size(); ++i) {
    activations = torch::relu(layers_[i]->forward(activations));
  }
  return layers_.back()->forward(activations);
}

std::vector<std::int64_t> hidden_widths(const MlpImpl& model) {
  std::vector<std::int64_t> widths;
  for (const torch::nn::Linear& layer : model.layers()) widths.push_back(layer->weight.size(0));
  widths.pop_back();
  return widths;
}

std::string architecture(const std::vector<std::int64_t>& hidden) {
  std::string text = std::to_string(kPixels) + "-";
  for (const std::int64_t width : hidden) text += std::to_string(width) + "-";
  return text + std::to_string(kDigits);
}

std::int64_t count_parameters(const torch::nn::Module& model) {
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : model.parameters()) count += parameter.numel();
  return count;
}

bool are_finite(const std::vector<torch::Tensor>& tensors) {
  return std::all_of(tensors.begin(), tensors.end(), [](const torch::Tensor& tensor) {
    return torch::isfinite(tensor).all().item<bool>();
  });
}

std::string describe(const MlpImpl& model) {
  return architecture(hidden_widths(model)) + " with ReLU, " +
         std::to_string(count_parameters(model)) + " parameters";
}

}  // namespace mnist
