#include "train/autograd_engine.h"

#include <torch/nn/functional/loss.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <type_traits>
#include <utility>
#include <vector>

#include "mnist_train/evaluation.h"
#include "train/images.h"
#include "train/runtime.h"
#include "train/schedule.h"

namespace mnist {
namespace {

torch::optim::SGDOptions sgd_options(const TrainingOptions& options) {
  return torch::optim::SGDOptions(options.lr)
      .momentum(options.momentum)
      .weight_decay(options.weight_decay);
}

void set_learning_rate(torch::optim::SGD& optimizer, double lr) {
  static_cast<torch::optim::SGDOptions&>(optimizer.param_groups().front().options()).lr(lr);
}

/// The key of a parameter in the optimizer's state: its address in LibTorch 2, the address as text
/// in LibTorch 1.
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

torch::Tensor copied(const torch::Tensor& tensor, torch::Device device) {
  constexpr bool kAsync = false;
  constexpr bool kCopy = true;
  return tensor.to(device, tensor.scalar_type(), kAsync, kCopy);
}

Mlp network_on(torch::Device device, const std::vector<std::int64_t>& hidden) {
  Mlp network(hidden);
  network->to(device);
  return network;
}

}  // namespace

AutogradEngine::AutogradEngine(Mlp model, const DataSplits& data, const TrainingOptions& options,
                               int threads, torch::Device device)
    : device_(device),
      threads_(threads),
      model_(std::move(model)),
      on_device_(device.is_cpu() ? model_ : network_on(device, hidden_sizes(*model_))),
      options_(options),
      train_{data.train.images.to(device), data.train.labels.to(device)},
      validation_(data.validation),
      augmentation_(make_augmentation(options)),
      optimizer_(on_device_->parameters(), sgd_options(options)) {
  if (augmentation_) sparse_ = to_sparse(data.train);
}

std::optional<double> AutogradEngine::train_epoch(std::int64_t epoch,
                                                  const std::optional<torch::Tensor>& order,
                                                  const StepCallback& on_step) {
  expect_room_for_blas();
  set_parameters(on_device_, model_->parameters());
  on_device_->train();
  const torch::Tensor indices = order ? *order : torch::arange(train_.size());
  const std::int64_t images = indices.numel();
  // Pixels are bytes. Those of many batches become floats at once, which takes less time.
  const std::int64_t loaded = std::max<std::int64_t>(1, 1000 / options_.batch) * options_.batch;
  // The losses stay tensors until the epoch ends, because to read one makes a GPU wait.
  std::vector<torch::Tensor> losses;
  std::vector<double> batch_sizes;
  for (const Segment& segment : segments(options_, epoch, images)) {
    set_learning_rate(optimizer_, segment.lr);
    Batch batches;
    for (std::int64_t begin = segment.begin; begin < segment.end; begin += options_.batch) {
      const std::int64_t end = std::min(begin + options_.batch, segment.end);
      const std::int64_t at = (begin - segment.begin) % loaded;
      if (at == 0) {
        batches = load(epoch, indices.slice(0, begin, std::min(begin + loaded, segment.end)));
      }
      const std::int64_t size = end - begin;
      losses.push_back(
          step({batches.images.slice(0, at, at + size), batches.labels.slice(0, at, at + size)}));
      batch_sizes.push_back(static_cast<double>(size));
      if (!on_step(end)) return std::nullopt;
    }
  }
  set_parameters(model_, on_device_->parameters());
  const torch::Tensor of_batches = torch::stack(losses).to(torch::kCPU, torch::kFloat64);
  return of_batches.mul(torch::tensor(batch_sizes, torch::kFloat64)).sum().item<double>() /
         static_cast<double>(images);
}

/// The training images at `indices` ([N] int64, on the CPU) as they are in this epoch.
AutogradEngine::Batch AutogradEngine::load(std::int64_t epoch, const torch::Tensor& indices) {
  const torch::Tensor on_device = indices.to(device_);
  const torch::Tensor labels = train_.labels.index_select(0, on_device);
  if (!augmentation_) {
    return {to_float(train_.images.index_select(0, on_device)), labels};
  }
  SparseImages augmented;
  augmentation_->apply(sparse_, as_span(indices), epoch, threads_, augmented);
  return {to_float(to_dense(augmented).to(device_)), labels};
}

std::optional<Evaluation> AutogradEngine::validate() {
  if (validation_.size() == 0) return std::nullopt;
  return test(validation_).evaluation;
}

TestResult AutogradEngine::test(const Dataset& data) {
  set_parameters(on_device_, model_->parameters());
  const torch::Tensor logits = compute_logits(on_device_, data.images);
  return {logits, evaluate(logits, data.labels)};
}

std::vector<torch::Tensor> AutogradEngine::velocities() {
  std::vector<torch::Tensor> copies;
  if (options_.momentum == 0.0) return copies;
  for (const torch::Tensor& parameter : on_device_->parameters()) {
    const auto found = optimizer_.state().find(state_key<SgdStates::key_type>(parameter));
    copies.push_back(
        found == optimizer_.state().end()
            ? torch::zeros(parameter.sizes())
            : copied(static_cast<torch::optim::SGDParamState&>(*found->second).momentum_buffer(),
                     torch::kCPU));
  }
  return copies;
}

void AutogradEngine::set_velocities(const std::vector<torch::Tensor>& velocities) {
  optimizer_.state().clear();
  if (velocities.empty()) return;
  std::size_t index = 0;
  for (const torch::Tensor& parameter : on_device_->parameters()) {
    auto state = std::make_unique<torch::optim::SGDParamState>();
    state->momentum_buffer(copied(velocities.at(index++), device_));
    optimizer_.state()[state_key<SgdStates::key_type>(parameter)] = std::move(state);
  }
}

/// Returns the mean loss of the batch before the step.
torch::Tensor AutogradEngine::step(const Batch& batch) {
  // Without old gradients backward() stores the new ones. It would add them to zeros.
  for (torch::Tensor& parameter : optimizer_.param_groups().front().params()) {
    parameter.mutable_grad().reset();
  }
  const torch::Tensor loss = torch::nn::functional::cross_entropy(
      on_device_->forward(batch.images), batch.labels,
      torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(options_.label_smoothing));
  loss.backward();
  optimizer_.step();
  return loss.detach();
}

}  // namespace mnist
