#include "train/sparse_engine.h"

#include <torch/utils.h>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "kernels/kernels.h"
#include "train/sparse_model.h"

namespace mnist {
namespace {

std::size_t largest_batch(const TrainingOptions& options, const Dataset& data) {
  return static_cast<std::size_t>(std::min(options.batch, data.size()));
}

/// The elements of a contiguous tensor of int64. Valid as long as the tensor.
std::span<const std::int64_t> as_span(const torch::Tensor& tensor) {
  return {tensor.data_ptr<std::int64_t>(), static_cast<std::size_t>(tensor.numel())};
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
  load_weights(network_, model_);
  const torch::Tensor indices = (order ? *order : torch::arange(labels_.size(0))).contiguous();
  double loss = 0.0;
  for (const Stretch& stretch : stretches(options_, epoch, indices.numel())) {
    const std::optional<double> part = train_stretch(stretch, epoch, indices, on_step);
    if (!part) return std::nullopt;
    loss += *part;
  }
  store_weights(network_, model_);
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
  return test_sparse(network_, model_, forms_.validation.get(), validation_).evaluation;
}

Tested SparseEngine::test(const Dataset& data) {
  return test_sparse(network_, model_, sparse_form(data).get(), data);
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

}  // namespace mnist
