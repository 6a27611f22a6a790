#include "mnist_train/evaluation.h"

#include <torch/nn/functional/loss.h>
#include <torch/utils.h>

#include <algorithm>

namespace mnist {
namespace {

/// Puts a module in evaluation mode, and back when it leaves.
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

void count(const torch::Tensor& labels, const torch::Tensor& guesses, ConfusionMatrix& confusion) {
  const auto truth = labels.accessor<std::int64_t, 1>();
  const auto guess = guesses.accessor<std::int64_t, 1>();
  for (std::int64_t i = 0; i < truth.size(0); ++i) ++confusion.counts.at(truth[i]).at(guess[i]);
}

}  // namespace

Evaluation evaluate(Mlp model, const Dataset& data) {
  constexpr std::int64_t kBatch =
      1000;  // large enough for fast products, small enough for the cache
  const torch::NoGradGuard no_grad;
  const EvaluationMode mode(*model);
  Evaluation result{};
  double sum = 0.0;
  for (std::int64_t begin = 0; begin < data.size(); begin += kBatch) {
    const std::int64_t end = std::min(begin + kBatch, data.size());
    const torch::Tensor labels = data.labels.slice(0, begin, end);
    const torch::Tensor logits = model->forward(data.images.slice(0, begin, end));
    const torch::Tensor loss = torch::nn::functional::cross_entropy(logits, labels);
    sum += loss.item<double>() * static_cast<double>(end - begin);
    count(labels, logits.argmax(1), result.confusion);
  }
  result.loss = sum / static_cast<double>(data.size());
  return result;
}

}  // namespace mnist
