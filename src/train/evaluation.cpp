#include "mnist_train/evaluation.h"

#include <torch/nn/functional/loss.h>
#include <torch/utils.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "train/images.h"
#include "train/runtime.h"

namespace mnist {
namespace {

// Large enough for fast matrix products, small enough for the cache. The reference implementation
// takes as many: the rounding of the losses, and so their six decimals, depends on this number.
constexpr std::int64_t kSlice = 1000;

/// Puts a module into evaluation mode, and back into the mode that it had.
class EvaluationMode {
 public:
  explicit EvaluationMode(torch::nn::Module& module)
      : module_(module), was_training_(module.is_training()) {
    module_.eval();
  }
  ~EvaluationMode() { module_.train(was_training_); }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  torch::nn::Module& module_;
  bool was_training_;
};

double mean_loss(const torch::Tensor& logits, const torch::Tensor& labels) {
  double sum = 0.0;
  for (std::int64_t begin = 0; begin < labels.size(0); begin += kSlice) {
    const std::int64_t end = std::min(begin + kSlice, labels.size(0));
    const torch::Tensor loss = torch::nn::functional::cross_entropy(logits.slice(0, begin, end),
                                                                    labels.slice(0, begin, end));
    sum += loss.item<double>() * static_cast<double>(end - begin);
  }
  return sum / static_cast<double>(labels.size(0));
}

ConfusionMatrix count_predictions(const torch::Tensor& predictions, const torch::Tensor& labels) {
  ConfusionMatrix confusion;
  const auto truth = labels.accessor<std::int64_t, 1>();
  const auto prediction = predictions.accessor<std::int64_t, 1>();
  for (std::int64_t i = 0; i < truth.size(0); ++i)
    ++confusion.counts.at(truth[i]).at(prediction[i]);
  return confusion;
}

}  // namespace

torch::Tensor compute_logits(Mlp model, const torch::Tensor& images) {
  expect_room_for_blas();
  const torch::NoGradGuard no_grad;
  const EvaluationMode mode(*model);
  std::vector<torch::Tensor> logits;
  const torch::Device device = model->parameters().front().device();
  for (const torch::Tensor& slice : images.split(kSlice)) {
    logits.push_back(model->forward(to_float(slice.to(device))).to(torch::kCPU));
  }
  return torch::cat(logits);
}

Evaluation evaluate(const torch::Tensor& logits, const torch::Tensor& labels) {
  const torch::NoGradGuard no_grad;
  return {mean_loss(logits, labels), count_predictions(logits.argmax(1), labels)};
}

Evaluation evaluate(Mlp model, const Dataset& data) {
  return evaluate(compute_logits(std::move(model), data.images), data.labels);
}

}  // namespace mnist
