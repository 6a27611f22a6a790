#include "train/autograd_engine.h"

#include <torch/nn/functional/loss.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <type_traits>
#include <utility>
#include <vector>

#include "mnist_train/evaluation.h"

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

/// The key of a parameter in the optimiser's state: LibTorch 2 takes its address, 1 that as text.
template <typename Key>
Key state_key(const torch::Tensor& parameter) {
  if constexpr (std::is_same_v<Key, std::string>) {
    std::ostringstream text;
    text << parameter.unsafeGetTensorImpl();
    return text.str();
  } else {
    return parameter.unsafeGetTensorImpl();
  }
}

/// The state of torch::optim::SGD, by state_key().
using SgdStates = std::decay_t<decltype(std::declval<torch::optim::SGD>().state())>;

}  // namespace

AutogradEngine::AutogradEngine(Mlp model, Dataset data, const TrainingOptions& options)
    : model_(std::move(model)),
      data_(std::move(data)),
      batch_(options.batch),
      has_momentum_(options.momentum != 0.0),
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

Evaluation AutogradEngine::evaluate(const Dataset& data) { return mnist::evaluate(model_, data); }

std::vector<torch::Tensor> AutogradEngine::velocities() {
  std::vector<torch::Tensor> copies;
  if (!has_momentum_) return copies;
  for (const torch::Tensor& parameter : model_->parameters()) {
    const auto found = optimizer_.state().find(state_key<SgdStates::key_type>(parameter));
    copies.push_back(
        found == optimizer_.state().end()
            ? torch::zeros_like(parameter)
            : static_cast<torch::optim::SGDParamState&>(*found->second).momentum_buffer().clone());
  }
  return copies;
}

void AutogradEngine::set_velocities(const std::vector<torch::Tensor>& velocities) {
  optimizer_.state().clear();
  if (velocities.empty()) return;
  std::size_t index = 0;
  for (const torch::Tensor& parameter : model_->parameters()) {
    auto state = std::make_unique<torch::optim::SGDParamState>();
    state->momentum_buffer(velocities.at(index++).clone());
    optimizer_.state()[state_key<SgdStates::key_type>(parameter)] = std::move(state);
  }
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
