#include "mnist_train/model.h"

#include <fmt/format.h>
#include <torch/utils.h>

#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "mnist_train/shape.h"
#include "model/safetensors.h"

namespace mnist {

MlpImpl::MlpImpl(const std::vector<std::int64_t>& hidden) {
  std::vector<std::int64_t> sizes{kPixels};
  sizes.insert(sizes.end(), hidden.begin(), hidden.end());
  sizes.push_back(kDigits);
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    layers_.emplace_back(
        register_module(fmt::format("fc{}", i + 1), torch::nn::Linear(sizes[i], sizes[i + 1])));
  }
}

torch::Tensor MlpImpl::forward(torch::Tensor images) {
  torch::Tensor activations = std::move(images);
  for (std::size_t i = 0; i + 1 < layers_.size(); ++i) {
    activations = torch::relu(layers_[i]->forward(activations));
  }
  return layers_.back()->forward(activations);
}

std::vector<std::int64_t> hidden_sizes(const MlpImpl& model) {
  std::vector<std::int64_t> sizes;
  for (const torch::nn::Linear& layer : model.layers()) sizes.push_back(layer->weight.size(0));
  sizes.pop_back();
  return sizes;
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

std::string describe(const MlpImpl& model) {
  std::string sizes = std::to_string(kPixels);
  std::int64_t parameters = 0;
  for (const torch::nn::Linear& layer : model.layers()) {
    sizes += fmt::format("-{}", layer->weight.size(0));
    parameters += layer->weight.numel() + layer->bias.numel();
  }
  return fmt::format("{} with ReLU, {} parameters", sizes, parameters);
}

std::string encode_model(const MlpImpl& model) {
  // PyTorch's loaders look for "format".
  return encode_safetensors(
      {{{"format", "pt"}, {"hidden", join_sizes(hidden_sizes(model))}}, model.named_parameters()});
}

void write_model(const MlpImpl& model, const std::filesystem::path& file) {
  write_file(file, encode_model(model));
}

Mlp read_model(const std::filesystem::path& path) {
  std::error_code ignored;
  InputFile file(std::filesystem::is_directory(path, ignored) ? path / "model.safetensors" : path,
                 ErrorKind::kModel);
  const SafetensorsHeader header = read_header(file);
  std::vector<std::int64_t> hidden;
  std::vector<torch::Tensor> parameters;
  for (const TensorInfo& tensor : order_parameters(header.tensors, file.name())) {
    if (tensor.shape.size() == 1) hidden.push_back(tensor.shape[0]);  // a bias
    parameters.push_back(read_tensor(file, header, tensor));
  }
  hidden.pop_back();  // the outputs of the last layer
  Mlp model(hidden);
  set_parameters(model, parameters);
  return model;
}

}  // namespace mnist
