#include "train/sparse_engine.h"

#include <torch/utils.h>

#include <algorithm>
#include <array>
#include <utility>

#include "kernels/kernels.h"
#include "mnist_train/evaluation.h"
#include "mnist_train/shape.h"
#include "sparse/output.h"
#include "train/images.h"
#include "train/runtime.h"

namespace mnist {
namespace {

std::size_t largest_batch(const TrainingOptions& options, const Dataset& data) {
  return static_cast<std::size_t>(std::min(options.batch, data.size()));
}

/// A part of the network's memory as a tensor, and the same part of a tensor of the model.
struct SamePart {
  torch::Tensor ours;
  torch::Tensor theirs;
};

/// All parts of the network's parameters or velocities, with those of `tensors`, which have the
/// order and the shapes of the model's parameters.
std::vector<SamePart> same_parts(const std::vector<ParameterView>& views,
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

void load_weights(SparseNetwork& network, const Mlp& model) {
  const torch::NoGradGuard no_grad;
  for (SamePart& part : same_parts(network.parameters(), model->parameters())) {
    part.ours.copy_(part.theirs);
  }
}

void store_weights(SparseNetwork& network, const Mlp& model) {
  const torch::NoGradGuard no_grad;
  for (SamePart& part : same_parts(network.parameters(), model->parameters())) {
    part.theirs.copy_(part.ours);
  }
}

/// Evaluates the model, whose weights the network then has, on `data`, whose images are `images`.
TestResult test_with(SparseNetwork& network, const Mlp& model, const SparseImages& images,
                     const Dataset& data) {
  if (!are_finite(model->parameters())) {
    // Zero times infinity is NaN, which would not be seen where zeros are skipped.
    const torch::Tensor logits = compute_logits(model, data.images);
    return {logits, evaluate(logits, data.labels)};
  }
  load_weights(network, model);
  TestResult result{torch::empty({data.size(), kDigits}), {}};
  network.compute_logits(images, result.logits.data_ptr<float>());
  const torch::Tensor labels = data.labels.contiguous();
  const torch::Tensor predictions = result.logits.argmax(1);
  const torch::Tensor rows = result.logits.clone();  // replaced by their derivatives
  Evaluation& evaluation = result.evaluation;
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const std::int64_t label = labels.data_ptr<std::int64_t>()[i];
    ++evaluation.confusion.counts.at(label).at(predictions.data_ptr<std::int64_t>()[i]);
    evaluation.loss += softmax_cross_entropy(rows.data_ptr<float>() + i * kDigits, label, 1.0F);
  }
  evaluation.loss /= static_cast<double>(data.size());
  return result;
}

}  // namespace

SparseEngine::SparseEngine(Mlp model, const DataSplits& data, const TrainingOptions& options,
                           int threads)
    : model_(std::move(model)),
      options_(options),
      threads_(threads),
      labels_(data.train.labels.contiguous()),
      validation_(data.validation),
      images_(to_sparse(data.train)),
      validation_images_(to_sparse(data.validation)),
      augmentation_(make_augmentation(options)),
      network_(options, largest_batch(options, data.train), static_cast<std::size_t>(threads)) {}

std::string SparseEngine::name() const { return std::string("sparse (") + simd_target() + ")"; }

std::optional<double> SparseEngine::train_epoch(std::int64_t epoch,
                                                const std::optional<torch::Tensor>& order,
                                                const StepCallback& on_step) {
  model_->train();
  load_weights(network_, model_);
  const torch::Tensor indices = (order ? *order : torch::arange(labels_.size(0))).contiguous();
  double loss = 0.0;
  for (const Segment& segment : segments(options_, epoch, indices.numel())) {
    const std::optional<double> part = train_segment(segment, epoch, indices, on_step);
    if (!part) return std::nullopt;
    loss += *part;
  }
  store_weights(network_, model_);
  return loss / static_cast<double>(indices.numel());
}

/// Returns the sum of the losses of the segment's images.
std::optional<double> SparseEngine::train_segment(const Segment& segment, std::int64_t epoch,
                                                  const torch::Tensor& order,
                                                  const StepCallback& on_step) {
  const torch::Tensor indices = order.slice(0, segment.begin, segment.end);
  const auto on_image = [&](std::size_t images_done) {
    return on_step(segment.begin + static_cast<std::int64_t>(images_done));
  };
  if (!augmentation_) {
    return network_.train({images_, as_span(labels_), as_span(indices)}, segment.lr, on_image);
  }
  augmentation_->apply(images_, as_span(indices), epoch, threads_, augmented_);
  const torch::Tensor labels = labels_.index_select(0, indices);
  const torch::Tensor all = torch::arange(indices.numel());
  return network_.train({augmented_, as_span(labels), as_span(all)}, segment.lr, on_image);
}

std::optional<Evaluation> SparseEngine::validate() {
  if (validation_.size() == 0) return std::nullopt;
  return test_with(network_, model_, validation_images_, validation_).evaluation;
}

TestResult SparseEngine::test(const Dataset& data) {
  return test_with(network_, model_, to_sparse(data), data);
}

std::vector<torch::Tensor> SparseEngine::velocities() {
  std::vector<torch::Tensor> copies;
  if (options_.momentum == 0.0) return copies;
  for (const torch::Tensor& parameter : model_->parameters()) {
    copies.push_back(torch::zeros(parameter.sizes()));
  }
  for (SamePart& part : same_parts(network_.velocities(), copies)) part.theirs.copy_(part.ours);
  return copies;
}

void SparseEngine::set_velocities(const std::vector<torch::Tensor>& velocities) {
  if (options_.momentum == 0.0) return;
  const bool from_zeros = velocities.empty();
  for (SamePart& part :
       same_parts(network_.velocities(), from_zeros ? model_->parameters() : velocities)) {
    from_zeros ? part.ours.zero_() : part.ours.copy_(part.theirs);
  }
}

TestResult test_sparse(const Mlp& model, const Dataset& data, int threads) {
  TrainingOptions options;
  options.hidden = hidden_sizes(*model);
  SparseNetwork network(options, kForwardImages, static_cast<std::size_t>(threads));
  return test_with(network, model, to_sparse(data), data);
}

}  // namespace mnist
