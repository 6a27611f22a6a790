#include "train/sparse_engine.h"

#include <torch/utils.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "mnist_train/evaluation.h"
#include "mnist_train/shape.h"
#include "mnist_train/training_state.h"
#include "sparse/kernels.h"

namespace mnist {
namespace {

std::size_t largest_batch(const TrainingOptions& options, const Dataset& data) {
  return static_cast<std::size_t>(std::min(options.batch, data.size()));
}

/// The elements of a contiguous tensor of int64. Valid as long as the tensor.
std::span<const std::int64_t> as_span(const torch::Tensor& tensor) {
  return {tensor.data_ptr<std::int64_t>(), static_cast<std::size_t>(tensor.numel())};
}

/// The memory of the network's parameters as tensors of the model's shapes: [out,in] for weights,
/// [out] for biases.
std::vector<torch::Tensor> as_tensors(const std::vector<ParameterView>& views, const Mlp& model) {
  std::vector<torch::Tensor> tensors;
  for (const torch::Tensor& parameter : model->parameters()) {
    const ParameterView& view = views.at(tensors.size());
    const std::array<std::int64_t, 2> strides{static_cast<std::int64_t>(view.output_stride),
                                              static_cast<std::int64_t>(view.input_stride)};
    const auto dimensions = static_cast<std::size_t>(parameter.dim());
    tensors.push_back(torch::from_blob(view.data, parameter.sizes(),
                                       torch::IntArrayRef(strides.data(), dimensions)));
  }
  return tensors;
}

}  // namespace

SparseEngine::SparseEngine(Mlp model, const DataSplits& data, SparseForms forms,
                           const TrainingOptions& options)
    : model_(std::move(model)),
      labels_(data.train.labels.contiguous()),
      validation_(data.validation),
      forms_(std::move(forms)),
      has_momentum_(options.momentum != 0.0),
      network_(options, largest_batch(options, data.train)) {}

std::string SparseEngine::name() const { return std::string("sparse (") + simd_target() + ")"; }

std::optional<double> SparseEngine::train_epoch(const std::optional<torch::Tensor>& order,
                                                const StepCallback& on_step) {
  model_->train();
  load_weights();
  const torch::Tensor indices = (order ? *order : torch::arange(labels_.size(0))).contiguous();
  const Examples epoch{*forms_.train, as_span(labels_), as_span(indices)};
  const std::optional<double> loss = network_.train_epoch(epoch, [&](std::size_t images_done) {
    return on_step(static_cast<std::int64_t>(images_done));
  });
  if (!loss) return std::nullopt;
  set_parameters(model_, as_tensors(network_.parameters(), model_));
  return *loss / static_cast<double>(epoch.size());
}

std::optional<Evaluation> SparseEngine::validate() {
  if (validation_.size() == 0) return std::nullopt;
  // The product of zero and infinity is NaN. Where zeros are skipped, that would not be seen.
  if (!forms_.validation || !are_finite(model_->parameters())) {
    return evaluate(model_, validation_);
  }
  load_weights();
  torch::Tensor logits = torch::empty({validation_.size(), kDigits});
  network_.compute_logits(*forms_.validation, logits.data_ptr<float>());
  const torch::Tensor labels = validation_.labels.contiguous();
  const torch::Tensor guesses = logits.argmax(1);
  Evaluation result{};
  float* row = logits.data_ptr<float>();
  for (std::int64_t i = 0; i < validation_.size(); ++i, row += kDigits) {
    const std::int64_t label = as_span(labels)[i];
    ++result.confusion.counts.at(label).at(as_span(guesses)[i]);
    result.loss += softmax_cross_entropy(row, label, 1.0F);
  }
  result.loss /= static_cast<double>(validation_.size());
  return result;
}

void SparseEngine::load_weights() {
  const torch::NoGradGuard no_grad;
  const std::vector<torch::Tensor> parameters = model_->parameters();
  std::vector<torch::Tensor> ours = as_tensors(network_.parameters(), model_);
  for (std::size_t i = 0; i < ours.size(); ++i) ours[i].copy_(parameters[i]);
}

std::vector<torch::Tensor> SparseEngine::velocities() {
  std::vector<torch::Tensor> copies;
  if (!has_momentum_) return copies;
  for (const torch::Tensor& ours : as_tensors(network_.velocities(), model_)) {
    copies.push_back(ours.clone(torch::MemoryFormat::Contiguous));
  }
  return copies;
}

void SparseEngine::set_velocities(const std::vector<torch::Tensor>& velocities) {
  if (!has_momentum_) return;
  std::vector<torch::Tensor> ours = as_tensors(network_.velocities(), model_);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    velocities.empty() ? ours[i].zero_() : ours[i].copy_(velocities.at(i));
  }
}

}  // namespace mnist
