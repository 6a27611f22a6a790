#include "mnist_train/sparse_engine.h"

#include <torch/utils.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "mnist_train/environment.h"
#include "mnist_train/shape.h"
#include "mnist_train/sparse_kernels.h"

namespace mnist {
namespace {

std::size_t largest_batch(const TrainingOptions& options, const Dataset& data) {
  return static_cast<std::size_t>(std::min(options.batch, data.size()));
}

/// The weights of a layer, [rows,columns], as a tensor on the same memory.
torch::Tensor weights_of(const LayerView& layer, std::int64_t columns) {
  const auto rows = static_cast<std::int64_t>(layer.inputs);
  const auto stride = static_cast<std::int64_t>(layer.weights.stride);
  return torch::from_blob(layer.weights.data, {rows, columns}, {stride, 1});
}

/// The parameters of `model` and, on the memory of `network`, tensors of the same shape.
std::vector<std::pair<torch::Tensor, torch::Tensor>> pairs(const MlpImpl& model,
                                                           SparseNetwork& network) {
  std::vector<std::pair<torch::Tensor, torch::Tensor>> result;
  for (std::size_t l = 0; l < network.hidden_layers(); ++l) {
    const auto& linear = model.layers()[l];
    const LayerView layer = network.hidden(l);
    const std::int64_t outputs = linear->bias.size(0);
    result.emplace_back(linear->weight, weights_of(layer, outputs).t());
    result.emplace_back(linear->bias, torch::from_blob(layer.weights[layer.inputs], {outputs}));
  }
  const auto& output = model.layers().back();
  result.emplace_back(output->weight, weights_of(network.output(), output->weight.size(1)));
  result.emplace_back(output->bias, torch::from_blob(network.output_biases(), {kDigits}));
  return result;
}

}  // namespace

SparseEngine::SparseEngine(Mlp model, const Dataset& data, SparseImages images,
                           const TrainingOptions& options)
    : model_(std::move(model)),
      labels_(data.labels.contiguous()),
      images_(std::move(images)),
      batch_(largest_batch(options, data)),
      network_(options, batch_) {
  limit_simd(environment("ATEN_CPU_CAPABILITY"));
}

std::string SparseEngine::name() const { return std::string("sparse (") + simd_target() + ")"; }

double SparseEngine::train_epoch(const std::optional<torch::Tensor>& order,
                                 const StepCallback& on_step) {
  model_->train();
  load_weights();
  const torch::Tensor indices = (order ? *order : torch::arange(labels_.size(0))).contiguous();
  const auto count = static_cast<std::size_t>(indices.size(0));
  double loss = 0.0;
  for (std::size_t begin = 0; begin < count; begin += batch_) {
    const std::size_t end = std::min(begin + batch_, count);
    loss += network_.step(images_, labels_.data_ptr<std::int64_t>(),
                          indices.data_ptr<std::int64_t>() + begin, end - begin);
    on_step(static_cast<std::int64_t>(end));
  }
  network_.finish();
  store_weights();
  return loss / static_cast<double>(count);
}

void SparseEngine::load_weights() {
  const torch::NoGradGuard no_grad;
  for (auto& [parameter, ours] : pairs(*model_, network_)) ours.copy_(parameter);
}

void SparseEngine::store_weights() {
  const torch::NoGradGuard no_grad;
  for (auto& [parameter, ours] : pairs(*model_, network_)) parameter.copy_(ours);
}

}  // namespace mnist
