#include "train/sparse_engine.h"

#include <torch/utils.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/environment.h"
#include "mnist_train/evaluation.h"
#include "mnist_train/shape.h"
#include "sparse/kernels.h"

namespace mnist {
namespace {

std::size_t largest_batch(const TrainingOptions& options, const Dataset& data) {
  return static_cast<std::size_t>(std::min(options.batch, data.size()));
}

/// What the network goes through, which is valid as long as the arguments are.
Selection selected(const SparseImages& images, const torch::Tensor& labels,
                   const torch::Tensor& indices) {
  return {images, labels.data_ptr<std::int64_t>(), indices.data_ptr<std::int64_t>(),
          static_cast<std::size_t>(indices.size(0))};
}

/// Rows of weights, [rows,columns], as a tensor on the same memory.
torch::Tensor as_tensor(const Rows& weights, std::size_t rows, Range columns) {
  const auto width = static_cast<std::int64_t>(columns.end - columns.begin);
  return torch::from_blob(weights.data, {static_cast<std::int64_t>(rows), width},
                          {static_cast<std::int64_t>(weights.stride), 1});
}

torch::Tensor narrow(const torch::Tensor& parameter, std::int64_t dimension, Range range) {
  const auto begin = static_cast<std::int64_t>(range.begin);
  return parameter.slice(dimension, begin, static_cast<std::int64_t>(range.end));
}

enum class Kept { kWeights, kVelocities };

using TensorPairs = std::vector<std::pair<torch::Tensor, torch::Tensor>>;

/// Adds the parts of `tensors`, of the form of the model's parameters, that the slice has and, on
/// its memory, tensors of their shape.
void add_pairs(const std::vector<torch::Tensor>& tensors, SparseNetwork::Slice& slice, Kept kept,
               TensorPairs& pairs) {
  const auto rows_of = [kept](const LayerView& layer) {
    return kept == Kept::kWeights ? layer.weights : layer.velocity;
  };
  Range columns{0, static_cast<std::size_t>(kPixels)};
  auto tensor = tensors.begin();
  for (const SparseLayer& hidden : slice.hidden) {
    const LayerView layer = hidden.view();
    const Rows rows = rows_of(layer);
    columns = hidden.columns();
    pairs.emplace_back(narrow(*tensor++, 0, columns), as_tensor(rows, layer.inputs, columns).t());
    pairs.emplace_back(narrow(*tensor++, 0, columns),
                       as_tensor({rows[layer.inputs], 0}, 1, columns)[0]);
  }
  pairs.emplace_back(narrow(*tensor++, 1, columns),
                     as_tensor(rows_of(slice.output.view()), kDigits, columns));
  float* const biases =
      kept == Kept::kWeights ? slice.output.biases() : slice.output.bias_velocity();
  pairs.emplace_back(*tensor, torch::from_blob(biases, {kDigits}));
}

TensorPairs pairs(const std::vector<torch::Tensor>& tensors, SparseNetwork& network, Kept kept) {
  TensorPairs result;
  for (SparseNetwork::Slice& slice : network.slices()) add_pairs(tensors, slice, kept, result);
  return result;
}

}  // namespace

SparseEngine::SparseEngine(Mlp model, const Dataset& data,
                           std::shared_ptr<const SparseImages> images,
                           const TrainingOptions& options)
    : model_(std::move(model)),
      labels_(data.labels.contiguous()),
      images_(std::move(images)),
      has_momentum_(options.momentum != 0.0),
      network_(options, largest_batch(options, data)) {
  limit_simd(environment("ATEN_CPU_CAPABILITY"));
}

std::string SparseEngine::name() const { return std::string("sparse (") + simd_target() + ")"; }

double SparseEngine::train_epoch(const std::optional<torch::Tensor>& order,
                                 const StepCallback& on_step) {
  model_->train();
  load_weights();
  const torch::Tensor indices = (order ? *order : torch::arange(labels_.size(0))).contiguous();
  const Selection epoch = selected(*images_, labels_, indices);
  const double loss = network_.train_epoch(
      epoch, [&](std::size_t images_done) { on_step(static_cast<std::int64_t>(images_done)); });
  store_weights();
  return loss / static_cast<double>(epoch.count);
}

Evaluation SparseEngine::evaluate(const Dataset& data) {
  const std::shared_ptr<const SparseImages> images = sparse_form(data);
  // To skip zeros would hide that a product of zero and infinity is NaN.
  if (!images || !are_finite(model_->parameters())) return mnist::evaluate(model_, data);
  load_weights();
  const torch::Tensor labels = data.labels.contiguous();
  const torch::Tensor indices = torch::arange(data.size());
  return network_.evaluate(selected(*images, labels, indices));
}

void SparseEngine::load_weights() {
  const torch::NoGradGuard no_grad;
  for (auto& [parameter, ours] : pairs(model_->parameters(), network_, Kept::kWeights)) {
    ours.copy_(parameter);
  }
}

void SparseEngine::store_weights() {
  const torch::NoGradGuard no_grad;
  for (auto& [parameter, ours] : pairs(model_->parameters(), network_, Kept::kWeights)) {
    parameter.copy_(ours);
  }
}

std::vector<torch::Tensor> SparseEngine::velocities() {
  std::vector<torch::Tensor> copies;
  if (!has_momentum_) return copies;
  for (const torch::Tensor& parameter : model_->parameters()) {
    copies.push_back(torch::zeros(parameter.sizes()));
  }
  for (auto& [copy, ours] : pairs(copies, network_, Kept::kVelocities)) copy.copy_(ours);
  return copies;
}

void SparseEngine::set_velocities(const std::vector<torch::Tensor>& velocities) {
  if (!has_momentum_) return;
  std::vector<torch::Tensor> values = velocities;
  if (values.empty()) {
    for (const torch::Tensor& parameter : model_->parameters()) {
      values.push_back(torch::zeros(parameter.sizes()));
    }
  }
  for (auto& [value, ours] : pairs(values, network_, Kept::kVelocities)) ours.copy_(value);
}

}  // namespace mnist
