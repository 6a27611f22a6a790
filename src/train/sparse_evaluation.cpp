#include "train/sparse_evaluation.h"

#include <torch/utils.h>

#include <algorithm>
#include <optional>

#include "mnist_train/evaluation.h"
#include "mnist_train/shape.h"
#include "sparse/output.h"
#include "train/sparse_weights.h"

namespace mnist {

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
  options.hidden = hidden_widths(*model);
  options.threads = threads;
  SparseNetwork network(options, kForwardImages);
  const torch::Tensor images = data.images.contiguous();
  const std::optional<SparseImages> sparse =
      compress(images.data_ptr<float>(), static_cast<std::size_t>(data.size()));
  return test_sparse(network, model, sparse ? &*sparse : nullptr, data);
}

}  // namespace mnist
