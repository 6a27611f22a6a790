#include "run/predictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/fail.h"
#include "mnist_train/evaluation.h"
#include "mnist_train/model_file.h"
#include "run/fingerprint.h"

namespace mnist {
namespace {

constexpr const char* kCsvHeader = "position,label,prediction,probability";

std::string csv_line(std::size_t position, const TestPrediction& prediction) {
  const auto& [label, predicted, probability] = prediction;
  return fmt::format("{},{},{},{:.6f}", position, label, predicted, probability);
}

}  // namespace

GrayImage image_at(const Dataset& data, std::int64_t position) {
  const torch::Tensor bytes = data.images[position].contiguous();
  GrayImage image(kImageSide, kImageSide);
  std::copy_n(bytes.data_ptr<std::uint8_t>(), kPixels, image.pixels.begin());
  return image;
}

std::string fingerprint_text(const Dataset& data) {
  return fmt::format("{:016x}", fingerprint(data));
}

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
  std::string csv = std::string(kCsvHeader) + "\n";
  for (std::size_t i = 0; i < predictions.size(); ++i) csv += csv_line(i, predictions[i]) + "\n";
  return csv;
}

std::vector<TestPrediction> parse_predictions(const std::string& csv, const std::string& file) {
  std::istringstream lines(csv);
  std::string line;
  if (!std::getline(lines, line) || line != kCsvHeader) {
    fail(ErrorKind::kModel, "{}: line 1: expected {}", file, kCsvHeader);
  }
  std::vector<TestPrediction> predictions;
  while (std::getline(lines, line)) {
    TestPrediction read{};
    std::size_t position = 0;
    char comma = 0;
    std::istringstream(line) >> position >> comma >> read.label >> comma >> read.predicted >>
        comma >> read.probability;
    // Written again, it must be the same: this checks the form, the position, and that it is whole.
    if (lines.eof() || csv_line(predictions.size(), read) != line) {
      fail(ErrorKind::kModel, "{}: line {}: expected the prediction for image {}", file,
           predictions.size() + 2, predictions.size());
    }
    predictions.push_back(read);
  }
  return predictions;
}

std::vector<MisclassifiedImage> most_confident_misclassified(const torch::Tensor& logits,
                                                             const Dataset& test,
                                                             std::size_t count) {
  std::vector<MisclassifiedImage> images;
  for (const auto& found : most_confident(find_misclassified(logits, test.labels), count)) {
    images.push_back({found, image_at(test, found.position)});
  }
  return images;
}

void find_misclassified_again(RunRecord& run, std::size_t count) {
  if (!run.test) return;
  try {
    const Mlp model = read_model(run.dir);
    const Dataset test = load_split(run.data_dir, Split::kTest, run.test_images);
    if (run.model_sha256 != model_sha256(*model)) {
      run.no_misclassified = "Not shown: model.safetensors is not the model that was tested.";
    } else if (run.test_fingerprint != fingerprint_text(test)) {
      run.no_misclassified = "Not shown: the data directory now holds other test images.";
    } else {
      run.misclassified =
          most_confident_misclassified(compute_logits(model, test.images), test, count);
    }
  } catch (const Error& error) {
    run.no_misclassified = fmt::format("Not shown: {}.", error.what());
  }
}

}  // namespace mnist
