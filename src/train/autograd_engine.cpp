#include "train/autograd_engine.h"

#include <torch/nn/functional/loss.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <type_traits>
#include <utility>
#include <vector>

#include "mnist_train/evaluation.h"
#include "mnist_train/shape.h"
#include "train/runtime.h"

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

/// Images begin..end-1 of the epoch: a view without an order, else a copy.
Dataset batch_of(const Dataset& data, const std::optional<torch::Tensor>& order, std::int64_t begin,
                 std::int64_t end) {
  if (!order) return {data.images.slice(0, begin, end), data.labels.slice(0, begin, end)};
  const torch::Tensor indices = order->slice(0, begin, end);
  return {data.images.index_select(0, indices), data.labels.index_select(0, indices)};
}

/// The key of a parameter in the optimiser's state: its address in LibTorch 2, the address as text
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
                               std::shared_ptr<const SparseImages> sparse, torch::Device device)
    : device_(device),
      model_(std::move(model)),
      on_device_(device.is_cpu() ? model_ : network_on(device, hidden_sizes(*model_))),
      options_(options),
      train_(data.train),
      validation_(data.validation),
      augmentation_(make_augmentation(options)),
      sparse_(std::move(sparse)),
      optimizer_(on_device_->parameters(), sgd_options(options)) {
  // The sparse form has all of them in a sixth of the memory.
  if (augmentation_) train_.images = torch::Tensor();
  for (torch::Tensor* tensor : {&train_.images, &train_.labels, &validation_.images}) {
    if (tensor->defined()) *tensor = tensor->to(device);
  }
}

std::optional<double> AutogradEngine::train_epoch(std::int64_t epoch,
                                                  const std::optional<torch::Tensor>& order,
                                                  const StepCallback& on_step) {
  expect_room_for_blas();
  set_parameters(on_device_, model_->parameters());
  on_device_->train();
  const std::int64_t images = order ? order->size(0) : train_.size();
  std::optional<torch::Tensor> order_on_device;
  if (order) order_on_device = order->to(device_);
  const std::int64_t steps = (images + options_.batch - 1) / options_.batch;
  // The losses stay tensors until the epoch ends, because to read one makes a device wait.
  std::vector<torch::Tensor> losses;
  losses.reserve(static_cast<std::size_t>(steps));
  for (const Stretch& stretch : stretches(options_, epoch, images)) {
    set_learning_rate(optimizer_, stretch.lr);
    Dataset distorted_images;
    if (augmentation_) distorted_images = distorted(stretch, epoch, order);
    for (std::int64_t begin = stretch.begin; begin < stretch.end; begin += options_.batch) {
      const std::int64_t end = std::min(begin + options_.batch, stretch.end);
      losses.push_back(step(augmentation_ ? batch_of(distorted_images, std::nullopt,
                                                     begin - stretch.begin, end - stretch.begin)
                                          : batch_of(train_, order_on_device, begin, end)));
      if (!on_step(end)) return std::nullopt;
    }
  }
  const torch::Tensor batch_sizes = torch::full({steps}, options_.batch, torch::kFloat64);
  batch_sizes[steps - 1] = images - (steps - 1) * options_.batch;
  const torch::Tensor of_batches = torch::stack(losses).to(torch::kCPU, torch::kFloat64);
  set_parameters(model_, on_device_->parameters());
  return of_batches.mul(batch_sizes).sum().item<double>() / static_cast<double>(images);
}

/// The images of a stretch as they are in this epoch, in the epoch's order.
Dataset AutogradEngine::distorted(const Stretch& stretch, std::int64_t epoch,
                                  const std::optional<torch::Tensor>& order) {
  const torch::Tensor indices = (order ? order->slice(0, stretch.begin, stretch.end)
                                       : torch::arange(stretch.begin, stretch.end))
                                    .contiguous();
  const auto count = static_cast<std::size_t>(indices.numel());
  SparseImages sparse;
  augmentation_->distort(*sparse_, {indices.data_ptr<std::int64_t>(), count}, epoch,
                         options_.threads, sparse);
  const torch::Tensor images = torch::empty({indices.numel(), kPixels});
  for (std::size_t i = 0; i < count; ++i) {
    expand(sparse, i, images.data_ptr<float>() + i * static_cast<std::size_t>(kPixels));
  }
  return {images.to(device_), train_.labels.index_select(0, indices.to(device_))};
}

std::optional<Evaluation> AutogradEngine::validate() {
  if (validation_.size() == 0) return std::nullopt;
  return test(validation_).evaluation;
}

Tested AutogradEngine::test(const Dataset& data) {
  set_parameters(on_device_, model_->parameters());
  const torch::Tensor images = data.images.to(device_);
  const torch::Tensor logits = compute_logits(on_device_, images).to(torch::kCPU);
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

torch::Tensor AutogradEngine::step(const Dataset& batch) {
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
