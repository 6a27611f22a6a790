#include <torch/data/example.h>
#include <torch/nn/functional/loss.h>
#include <torch/optim/sgd.h>

#include <algorithm>
#include <sstream>
#include <type_traits>
#include <utility>

#include "augment/augmentation.h"
#include "mnist_train/train.h"
#include "train/engine.h"
#include "train/images.h"
#include "train/schedule.h"

namespace mnist {
namespace {

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

torch::optim::SGDParamState& state_of(torch::optim::SGD& optimizer,
                                      const torch::Tensor& parameter) {
  auto& states = optimizer.state();
  auto& state = states[state_key<typename std::decay_t<decltype(states)>::key_type>(parameter)];
  if (!state) state = std::make_unique<torch::optim::SGDParamState>();
  return static_cast<torch::optim::SGDParamState&>(*state);
}

Mlp network_on(torch::Device device, const std::vector<std::int64_t>& hidden) {
  Mlp network(hidden);
  network->to(device);
  return network;
}

/// Trains as LibTorch itself does: with the module's forward pass, backward() and
/// torch::optim::SGD. On a GPU it has a copy of the model there, which follows the model before
/// each epoch and each evaluation, and which the model follows after each epoch.
class AutogradEngine : public Engine {
 public:
  AutogradEngine(Mlp model, const Dataset& train, const TrainingOptions& options, int threads,
                 torch::Device device)
      : device_(device),
        threads_(threads),
        model_(std::move(model)),
        on_device_(device.is_cpu() ? model_ : network_on(device, hidden_sizes(*model_))),
        options_(options),
        train_{train.images.to(device), train.labels.to(device)},
        augmentation_(make_augmentation(options)),
        optimizer_(on_device_->parameters(), torch::optim::SGDOptions(options.lr)
                                                 .momentum(options.momentum)
                                                 .weight_decay(options.weight_decay)) {
    if (augmentation_) sparse_ = to_sparse(train.images);
  }

  std::string name() const override { return "autograd"; }
  int threads() const override { return threads_; }

  std::optional<double> train_epoch(std::int64_t epoch, const StepCallback& on_step) override {
    set_parameters(on_device_, model_->parameters());
    on_device_->train();
    const torch::Tensor order = image_order(options_, epoch, train_.size());
    // Pixels are bytes. Those of many batches become floats at once, which takes less time.
    const std::int64_t loaded = std::max<std::int64_t>(1, 1000 / options_.batch) * options_.batch;
    // The losses stay tensors until the epoch ends, because to read one makes a GPU wait.
    std::vector<torch::Tensor> losses;
    std::vector<double> batch_sizes;
    std::int64_t images_done = 0;
    for (const Segment& segment : segments(options_, epoch, order.numel())) {
      set_learning_rate(segment.lr);
      for (const auto& indices : order.slice(0, segment.begin, segment.end).split(loaded)) {
        const Batch batches = load(epoch, indices);
        for (std::int64_t begin = 0; begin < indices.numel(); begin += options_.batch) {
          const std::int64_t end = std::min(begin + options_.batch, indices.numel());
          losses.push_back(
              step({batches.data.slice(0, begin, end), batches.target.slice(0, begin, end)}));
          batch_sizes.push_back(static_cast<double>(end - begin));
          images_done += end - begin;
          if (!on_step(images_done)) return std::nullopt;
        }
      }
    }
    set_parameters(model_, on_device_->parameters());
    const torch::Tensor of_batches = torch::stack(losses).to(torch::kCPU, torch::kFloat64);
    return of_batches.mul(torch::tensor(batch_sizes, torch::kFloat64)).sum().item<double>() /
           static_cast<double>(images_done);
  }

  torch::Tensor logits(const torch::Tensor& images) override {
    set_parameters(on_device_, model_->parameters());
    return compute_logits(on_device_, images);
  }

  std::vector<torch::Tensor> velocities() override {
    std::vector<torch::Tensor> copies;
    for (const torch::Tensor& parameter : on_device_->parameters()) {
      copies.push_back(state_of(optimizer_, parameter).momentum_buffer().clone().to(torch::kCPU));
    }
    return copies;
  }

  void set_velocities(const std::vector<torch::Tensor>& velocities) override {
    const std::vector<torch::Tensor> parameters = on_device_->parameters();
    for (std::size_t i = 0; i < velocities.size(); ++i) {
      state_of(optimizer_, parameters.at(i)).momentum_buffer(velocities[i].clone().to(device_));
    }
  }

 private:
  using Batch = torch::data::Example<>;  // images [N,784] float32 in [0,1], labels; on the device

  /// The training images at `indices` ([N] int64, on the CPU) as they are in this epoch.
  Batch load(std::int64_t epoch, const torch::Tensor& indices) {
    const torch::Tensor on_device = indices.to(device_);
    const torch::Tensor labels = train_.labels.index_select(0, on_device);
    if (!augmentation_) return {to_float(train_.images.index_select(0, on_device)), labels};
    SparseImages augmented;
    augmentation_->apply(sparse_, as_span(indices), epoch, threads_, augmented);
    return {to_float(to_dense(augmented).to(device_)), labels};
  }

  void set_learning_rate(double lr) {
    static_cast<torch::optim::SGDOptions&>(optimizer_.param_groups().front().options()).lr(lr);
  }

  /// Returns the mean loss of the batch before the step.
  torch::Tensor step(const Batch& batch) {
    // Without old gradients backward() stores the new ones. It would add them to zeros.
    for (torch::Tensor& parameter : optimizer_.param_groups().front().params()) {
      parameter.mutable_grad().reset();
    }
    const torch::Tensor loss = torch::nn::functional::cross_entropy(
        on_device_->forward(batch.data), batch.target,
        torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(options_.label_smoothing));
    loss.backward();
    optimizer_.step();
    return loss.detach();
  }

  torch::Device device_;
  int threads_;
  Mlp model_;
  Mlp on_device_;
  TrainingOptions options_;
  Dataset train_;  ///< on the device
  std::optional<Augmentation> augmentation_;
  SparseImages sparse_;  ///< the training images, if they are augmented
  torch::optim::SGD optimizer_;
};

}  // namespace

std::unique_ptr<Engine> make_autograd_engine(Mlp model, const Dataset& train,
                                             const TrainingOptions& options, int threads,
                                             torch::Device device) {
  return std::make_unique<AutogradEngine>(std::move(model), train, options, threads, device);
}

}  // namespace mnist
