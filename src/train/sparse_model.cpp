#include "train/sparse_model.h"

#include <torch/utils.h>

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "mnist_train/evaluation.h"
#include "mnist_train/shape.h"
#include "sparse/output.h"

namespace mnist {

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

std::shared_ptr<const SparseImages> sparse_form(const Dataset& data) {
  if (data.size() == 0) return nullptr;
  const torch::Tensor images = data.images.contiguous();
  std::optional<SparseImages> sparse =
      compress(images.data_ptr<float>(), static_cast<std::size_t>(data.size()));
  return sparse ? std::make_shared<const SparseImages>(*std::move(sparse)) : nullptr;
}

Tested test_sparse(SparseNetwork& network, const Mlp& model, const SparseImages* images,
                   const Dataset& data) {
  if (images == nullptr || !are_finite(model->parameters())) {
    const torch::Tensor logits = compute_logits(model, data.images);
    return {logits, evaluate(logits, data.labels)};
  }
  load_weights(network, model);
  Tested result{torch::empty({data.size(), kDigits}), {}};
  network.compute_logits(*images, result.logits.data_ptr<float>());
  const torch::Tensor labels = data.labels.contiguous();
  const torch::Tensor guesses = result.logits.argmax(1);
  const torch::Tensor rows = result.logits.clone();  // replaced by their derivatives
  Evaluation& evaluation = result.evaluation;
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const std::int64_t label = labels.data_ptr<std::int64_t>()[i];
    ++evaluation.confusion.counts.at(label).at(guesses.data_ptr<std::int64_t>()[i]);
    evaluation.loss += softmax_cross_entropy(rows.data_ptr<float>() + i * kDigits, label, 1.0F);
  }
  evaluation.loss /= static_cast<double>(data.size());
  return result;
}

Tested test_sparse(const Mlp& model, const Dataset& data, int threads) {
  TrainingOptions options;
  options.hidden = hidden_sizes(*model);
  options.threads = threads;
  SparseNetwork network(options, kForwardImages);
  return test_sparse(network, model, sparse_form(data).get(), data);
}

}  // namespace mnist
