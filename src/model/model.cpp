#include "mnist_train/model.h"

#include <fmt/ranges.h>
#include <torch/utils.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "mnist_train/shape.h"

namespace mnist {
namespace {

/// The widths of inputs, hidden layers and outputs.
std::vector<std::int64_t> all_widths(const std::vector<std::int64_t>& hidden) {
  std::vector<std::int64_t> widths{kPixels};
  widths.insert(widths.end(), hidden.begin(), hidden.end());
  widths.push_back(kDigits);
  return widths;
}

}  // namespace

MlpImpl::MlpImpl(const std::vector<std::int64_t>& hidden) {
  const std::vector<std::int64_t> widths = all_widths(hidden);
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    layers_.push_back(
        register_module(fmt::format("fc{}", i + 1), torch::nn::Linear(widths[i], widths[i + 1])));
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
  return fmt::format("{}", fmt::join(all_widths(hidden), "-"));
}

std::int64_t count_parameters(const torch::nn::Module& model) {
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : model.parameters()) count += parameter.numel();
  return count;
}

std::vector<torch::Tensor> copy_parameters(const MlpImpl& model) {
  std::vector<torch::Tensor> copies;
  for (const torch::Tensor& parameter : model.parameters()) {
    copies.push_back(parameter.detach().clone());
  }
  return copies;
}

void set_parameters(Mlp model, const std::vector<torch::Tensor>& values) {
  const torch::NoGradGuard no_grad;
  std::size_t index = 0;
  for (torch::Tensor& parameter : model->parameters()) parameter.copy_(values.at(index++));
}

bool are_finite(const std::vector<torch::Tensor>& tensors) {
  return std::all_of(tensors.begin(), tensors.end(), [](const torch::Tensor& tensor) {
    return torch::isfinite(tensor).all().item<bool>();
  });
}

std::string describe(const MlpImpl& model) {
  return fmt::format("{} with ReLU, {} parameters", architecture(hidden_widths(model)),
                     count_parameters(model));
}

}  // namespace mnist
