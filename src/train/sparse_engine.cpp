#include "train/sparse_engine.h"

#include <torch/utils.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "mnist_train/evaluation.h"
#include "mnist_train/shape.h"
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

/// A part of the network's memory as a tensor, and the same part of a tensor of the model.
struct SamePart {
  torch::Tensor ours;
  torch::Tensor theirs;
};

/// All parts of the network's parameters or velocities, with those of `tensors`, which are in the
/// order of the model's parameters and of their shapes.
std::vector<SamePart> parts(const std::vector<ParameterView>& views,
                            const std::vector<torch::Tensor>& tensors) {
  std::vector<SamePart> result;
  for (const ParameterView& view : views) {
    const torch::Tensor theirs =
        tensors.at(view.parameter)
            .slice(view.dimension, static_cast<std::int64_t>(view.range.begin),
                   static_cast<std::int64_t>(view.range.end));
    const std::array<std::int64_t, 2> strides{static_cast<std::int64_t>(view.output_stride),
                                              static_cast<std::int64_t>(view.input_stride)};
    const torch::IntArrayRef used(strides.data(), static_cast<std::size_t>(theirs.dim()));
    result.push_back({torch::from_blob(view.data, theirs.sizes(), used), theirs});
  }
  return result;
}

}  // namespace

SparseEngine::SparseEngine(Mlp model, const DataSplits& data, SparseForms forms,
                           const TrainingOptions& options)
    : model_(std::move(model)),
      options_(options),
      labels_(data.train.labels.contiguous()),
      validation_(data.validation),
      forms_(std::move(forms)),
      augmentation_(make_augmentation(options)),
      network_(options, largest_batch(options, data.train)) {}

std::string SparseEngine::name() const { return std::string("sparse (") + simd_target() + ")"; }

std::optional<double> SparseEngine::train_epoch(std::int64_t epoch,
                                                const std::optional<torch::Tensor>& order,
                                                const StepCallback& on_step) {
  model_->train();
  load_weights();
  const torch::Tensor indices = (order ? *order : torch::arange(labels_.size(0))).contiguous();
  double loss = 0.0;
  for (const Stretch& stretch : stretches(options_, epoch, indices.numel())) {
    const std::optional<double> part = train_stretch(stretch, epoch, indices, on_step);
    if (!part) return std::nullopt;
    loss += *part;
  }
  store_weights();
  return loss / static_cast<double>(indices.numel());
}

/// The sum of the losses of the stretch's images.
std::optional<double> SparseEngine::train_stretch(const Stretch& stretch, std::int64_t epoch,
                                                  const torch::Tensor& order,
                                                  const StepCallback& on_step) {
  const torch::Tensor indices = order.slice(0, stretch.begin, stretch.end);
  const auto on_image = [&](std::size_t images_done) {
    return on_step(stretch.begin + static_cast<std::int64_t>(images_done));
  };
  if (!augmentation_) {
    const Examples examples{*forms_.train, as_span(labels_), as_span(indices)};
    return network_.train(examples, stretch.lr, on_image);
  }
  augmentation_->distort(*forms_.train, as_span(indices), epoch, options_.threads, distorted_);
  const torch::Tensor labels = labels_.index_select(0, indices);
  const torch::Tensor all = torch::arange(indices.numel());
  return network_.train({distorted_, as_span(labels), as_span(all)}, stretch.lr, on_image);
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
  for (SamePart& part : parts(network_.parameters(), model_->parameters())) {
    part.ours.copy_(part.theirs);
  }
}

void SparseEngine::store_weights() {
  const torch::NoGradGuard no_grad;
  for (SamePart& part : parts(network_.parameters(), model_->parameters())) {
    part.theirs.copy_(part.ours);
  }
}

std::vector<torch::Tensor> SparseEngine::velocities() {
  std::vector<torch::Tensor> copies;
  if (options_.momentum == 0.0) return copies;
  for (const torch::Tensor& parameter : model_->parameters()) {
    copies.push_back(torch::zeros(parameter.sizes()));
  }
  for (SamePart& part : parts(network_.velocities(), copies)) part.theirs.copy_(part.ours);
  return copies;
}

void SparseEngine::set_velocities(const std::vector<torch::Tensor>& velocities) {
  if (options_.momentum == 0.0) return;
  const bool from_zeros = velocities.empty();
  for (SamePart& part :
       parts(network_.velocities(), from_zeros ? model_->parameters() : velocities)) {
    from_zeros ? part.ours.zero_() : part.ours.copy_(part.theirs);
  }
}

}  // namespace mnist
