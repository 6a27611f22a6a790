#include "mnist_train/sparse_engine.h"

#include <torch/utils.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "mnist_train/environment.h"
#include "mnist_train/shape.h"
#include "mnist_train/sparse_kernels.h"

namespace mnist {
namespace {

std::size_t largest_batch(const TrainingOptions& options, const Dataset& data) {
  return static_cast<std::size_t>(std::min(options.batch, data.size()));
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

using TensorPairs = std::vector<std::pair<torch::Tensor, torch::Tensor>>;

/// Adds the parts of the parameters that the slice has and, on its memory, tensors of their shape.
void add_pairs(const MlpImpl& model, SparseNetwork::Slice& slice, TensorPairs& pairs) {
  Range columns{0, static_cast<std::size_t>(kPixels)};
  for (std::size_t l = 0; l < slice.hidden.size(); ++l) {
    const auto& linear = model.layers()[l];
    const LayerView layer = slice.hidden[l].view();
    columns = slice.hidden[l].columns();
    pairs.emplace_back(narrow(linear->weight, 0, columns),
                       as_tensor(layer.weights, layer.inputs, columns).t());
    pairs.emplace_back(narrow(linear->bias, 0, columns),
                       as_tensor({layer.weights[layer.inputs], 0}, 1, columns)[0]);
  }
  const auto& output = model.layers().back();
  pairs.emplace_back(narrow(output->weight, 1, columns),
                     as_tensor(slice.output.view().weights, kDigits, columns));
  pairs.emplace_back(output->bias, torch::from_blob(slice.output.biases(), {kDigits}));
}

TensorPairs pairs(const MlpImpl& model, SparseNetwork& network) {
  TensorPairs result;
  for (SparseNetwork::Slice& slice : network.slices()) add_pairs(model, slice, result);
  return result;
}

}  // namespace

SparseEngine::SparseEngine(Mlp model, const Dataset& data, SparseImages images,
                           const TrainingOptions& options)
    : model_(std::move(model)),
      labels_(data.labels.contiguous()),
      images_(std::move(images)),
      network_(options, largest_batch(options, data)) {
  limit_simd(environment("ATEN_CPU_CAPABILITY"));
}

std::string SparseEngine::name() const { return std::string("sparse (") + simd_target() + ")"; }

double SparseEngine::train_epoch(const std::optional<torch::Tensor>& order,
                                 const StepCallback& on_step) {
  model_->train();
  load_weights();
  const torch::Tensor indices = (order ? *order : torch::arange(labels_.size(0))).contiguous();
  const auto count = static_cast<std::size_t>(indices.size(0));
  const Epoch epoch{images_, labels_.data_ptr<std::int64_t>(), indices.data_ptr<std::int64_t>(),
                    count};
  const double loss = network_.train_epoch(
      epoch, [&](std::size_t images_done) { on_step(static_cast<std::int64_t>(images_done)); });
  store_weights();
  return loss / static_cast<double>(count);
}

void SparseEngine::load_weights() {
  const torch::NoGradGuard no_grad;
  for (auto& [parameter, ours] : pairs(*model_, network_)) ours.copy_(parameter);
}

void SparseEngine::store_weights() {
  const torch::NoGradGuard no_grad;
  for (auto& [parameter, ours] : pairs(*model_, network_)) parameter.copy_(ours);
}

}  // namespace mnist
