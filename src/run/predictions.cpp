#include "run/predictions.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <cstddef>
#include <sstream>

#include "mnist_train/error.h"

namespace mnist {
namespace {

constexpr const char* kHeader = "position,digit,guess,probability";

std::string csv_line(std::size_t position, const TestPrediction& prediction) {
  const auto& [label, predicted, probability] = prediction;
  return fmt::format("{},{},{},{:.6f}", position, label, predicted, probability);
}

bool is_valid(const TestPrediction& prediction) {
  const auto is_digit = [](std::int64_t number) { return 0 <= number && number < kDigits; };
  return is_digit(prediction.label) && is_digit(prediction.predicted) &&
         0 <= prediction.probability && prediction.probability <= 1;
}

}  // namespace

std::vector<TestPrediction> test_predictions(const torch::Tensor& logits,
                                             const torch::Tensor& labels) {
  const torch::Tensor digits = logits.argmax(1);
  const torch::Tensor probabilities =
      torch::softmax(logits.to(torch::kFloat64), 1).gather(1, digits.unsqueeze(1)).squeeze(1);
  const auto label = labels.accessor<std::int64_t, 1>();
  const auto digit = digits.accessor<std::int64_t, 1>();
  const auto probability = probabilities.accessor<double, 1>();
  std::vector<TestPrediction> predictions;
  for (std::int64_t i = 0; i < label.size(0); ++i) {
    predictions.push_back({label[i], digit[i], probability[i]});
  }
  return predictions;
}

std::string to_csv(const std::vector<TestPrediction>& predictions) {
  std::string csv = std::string(kHeader) + "\n";
  for (std::size_t i = 0; i < predictions.size(); ++i) csv += csv_line(i, predictions[i]) + "\n";
  return csv;
}

std::vector<TestPrediction> parse_predictions(const std::string& csv, const std::string& file) {
  std::istringstream lines(csv);
  std::string line;
  if (!std::getline(lines, line) || line != kHeader) {
    fail(ExitCode::kModel, "{}: line 1: expected {}", file, kHeader);
  }
  std::vector<TestPrediction> predictions;
  while (std::getline(lines, line)) {
    TestPrediction read{};
    std::size_t position = 0;
    char comma = 0;
    std::istringstream(line) >> position >> comma >> read.label >> comma >> read.predicted >>
        comma >> read.probability;
    // Written again, it must be the same: this checks the form, the position, and that it is whole.
    if (lines.eof() || csv_line(predictions.size(), read) != line || !is_valid(read)) {
      fail(ExitCode::kModel, "{}: line {}: expected the prediction for image {}", file,
           predictions.size() + 2, predictions.size());
    }
    predictions.push_back(read);
  }
  return predictions;
}

}  // namespace mnist
