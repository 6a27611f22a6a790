#include "mnist_train/autograd_engine.h"

#include <torch/nn/functional/loss.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace mnist {
namespace {

torch::optim::SGDOptions sgd_options(const TrainingOptions& options) {
  return torch::optim::SGDOptions(options.lr)
      .momentum(options.momentum)
      .weight_decay(options.weight_decay);
}

/// Images begin..end-1 of the epoch: a view if in the order of the file, else a copy.
Dataset take(const Dataset& data, const std::optional<torch::Tensor>& order, std::int64_t begin,
             std::int64_t end) {
  if (!order) return {data.images.slice(0, begin, end), data.labels.slice(0, begin, end)};
  const torch::Tensor indices = order->slice(0, begin, end);
  return {data.images.index_select(0, indices), data.labels.index_select(0, indices)};
}

}  // namespace

AutogradEngine::AutogradEngine(Mlp model, Dataset data, const TrainingOptions& options)
    : model_(std::move(model)),
      data_(std::move(data)),
      batch_(options.batch),
      optimizer_(model_->parameters(), sgd_options(options)) {}

double AutogradEngine::train_epoch(const std::optional<torch::Tensor>& order,
                                   const StepCallback& on_step) {
  model_->train();
  const std::int64_t images = order ? order->size(0) : data_.size();
  // The losses stay tensors until the epoch ends: reading one would make a device wait.
  std::vector<torch::Tensor> losses;
  losses.reserve(static_cast<std::size_t>((images + batch_ - 1) / batch_));
  for (std::int64_t begin = 0; begin < images; begin += batch_) {
    const std::int64_t end = std::min(begin + batch_, images);
    losses.push_back(step(take(data_, order, begin, end)));
    on_step(end);
  }
  const auto steps = static_cast<std::int64_t>(losses.size());
  const torch::Tensor batch_sizes = torch::full({steps}, batch_, torch::kFloat64);
  batch_sizes[steps - 1] = images - (steps - 1) * batch_;
  const torch::Tensor sum = torch::stack(losses).to(torch::kFloat64).mul(batch_sizes).sum();
  return sum.item<double>() / static_cast<double>(images);
}

torch::Tensor AutogradEngine::step(const Dataset& batch) {
  // Dropped rather than zeroed: backward() then stores a gradient instead of adding it to zeros.
  for (torch::Tensor& parameter : optimizer_.param_groups().front().params()) {
    parameter.mutable_grad().reset();
  }
  const torch::Tensor loss =
      torch::nn::functional::cross_entropy(model_->forward(batch.images), batch.labels);
  loss.backward();
  optimizer_.step();
  return loss.detach();
}

}  // namespace mnist
