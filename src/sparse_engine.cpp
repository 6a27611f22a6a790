#include "mnist_train/sparse_engine.h"

#include <torch/utils.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "mnist_train/sparse_kernels.h"

namespace mnist {
namespace {

std::size_t largest_batch(const TrainingOptions& options, const Dataset& data) {
  return static_cast<std::size_t>(std::min(options.batch, data.size()));
}

/// The weights [inputs,outputs] or the biases [outputs] of a layer, as a tensor on the same memory.
torch::Tensor weights_of(const LayerView& layer, std::int64_t outputs) {
  const auto inputs = static_cast<std::int64_t>(layer.inputs);
  const auto stride = static_cast<std::int64_t>(layer.weights.stride);
  return torch::from_blob(layer.weights.data, {inputs, outputs}, {stride, 1});
}

torch::Tensor biases_of(const LayerView& layer, std::int64_t outputs) {
  return torch::from_blob(layer.weights[layer.inputs], {outputs});
}

}  // namespace

SparseEngine::SparseEngine(Mlp model, const Dataset& data, SparseImages images,
                           const TrainingOptions& options)
    : model_(std::move(model)),
      labels_(data.labels.contiguous()),
      images_(std::move(images)),
      batch_(largest_batch(options, data)),
      network_(options, batch_) {
  if (const char* capability = std::getenv("ATEN_CPU_CAPABILITY")) limit_simd(capability);
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
  for (std::size_t l = 0; l < network_.layers(); ++l) {
    const auto& linear = model_->layers()[l];
    const std::int64_t outputs = linear->bias.size(0);
    weights_of(network_.layer(l), outputs).copy_(linear->weight.t());
    biases_of(network_.layer(l), outputs).copy_(linear->bias);
  }
}

void SparseEngine::store_weights() {
  const torch::NoGradGuard no_grad;
  for (std::size_t l = 0; l < network_.layers(); ++l) {
    const auto& linear = model_->layers()[l];
    const std::int64_t outputs = linear->bias.size(0);
    linear->weight.copy_(weights_of(network_.layer(l), outputs).t());
    linear->bias.copy_(biases_of(network_.layer(l), outputs));
  }
}

}  // namespace mnist
