#include <torch/utils.h>

#include <utility>
#include <vector>

#include "mnist_train/train.h"
#include "sparse/loss.h"
#include "train/images.h"

namespace mnist {

torch::Tensor compute_logits(Mlp model, const torch::Tensor& images) {
  constexpr std::int64_t kSlice = 1000;  // fast matrix products that fit the cache
  const torch::NoGradGuard no_grad;
  const bool was_training = model->is_training();
  model->eval();
  const torch::Device device = model->parameters().front().device();
  std::vector<torch::Tensor> logits;
  for (const torch::Tensor& slice : images.split(kSlice)) {
    logits.push_back(model->forward(to_float(slice.to(device))).to(torch::kCPU));
  }
  model->train(was_training);
  return torch::cat(logits);
}

Evaluation evaluate(const torch::Tensor& logits, const torch::Tensor& labels) {
  const torch::Tensor predictions = logits.argmax(1);
  const auto prediction = predictions.accessor<std::int64_t, 1>();
  const auto label = labels.accessor<std::int64_t, 1>();
  const torch::Tensor rows =
      logits.detach().clone(torch::MemoryFormat::Contiguous);  // replaced by their derivatives
  auto* row = rows.data_ptr<float>();
  Evaluation result{};
  for (std::int64_t i = 0; i < label.size(0); ++i) {
    ++result.confusion.counts.at(label[i]).at(prediction[i]);
    result.loss += softmax_cross_entropy(row + i * kDigits, label[i], 1.0F);
  }
  result.loss /= static_cast<double>(label.size(0));
  return result;
}

Evaluation evaluate(Mlp model, const Dataset& data) {
  return evaluate(compute_logits(std::move(model), data.images), data.labels);
}

}  // namespace mnist
