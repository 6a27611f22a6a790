#include "run/predictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <sstream>

#include "base/fail.h"
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

std::vector<TestPrediction> test_predictions(const torch::Tensor& logits,
                                             const torch::Tensor& labels) {
  // In float64 two logits that differ never get the same probability.
  const auto [probabilities, digits] = torch::softmax(logits.to(torch::kFloat64), 1).max(1);
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

std::vector<MisclassifiedImage> most_confident_misclassified(
    const std::vector<TestPrediction>& predictions, const Dataset& test, std::size_t count) {
  std::vector<std::int64_t> positions;
  for (std::int64_t i = 0; i < std::ssize(predictions); ++i) {
    if (!predictions[i].is_correct()) positions.push_back(i);
  }
  std::ranges::stable_sort(positions, std::ranges::greater(),
                           [&](std::int64_t i) { return predictions[i].probability; });
  positions.resize(std::min(count, positions.size()));
  std::vector<MisclassifiedImage> images;
  for (const std::int64_t i : positions) {
    images.push_back({i, predictions[i], image_at(test, i)});
  }
  return images;
}

void find_misclassified_again(RunRecord& run, std::size_t count) {
  try {
    if (run.predictions.empty()) fail(ErrorKind::kModel, "no predictions");
    const Dataset test = load_split(run.data_dir, Split::kTest, run.test_images);
    if (run.test_fingerprint != fingerprint(test)) {
      fail(ErrorKind::kData, "the data directory now holds other test images");
    }
    run.misclassified = most_confident_misclassified(run.predictions, test, count);
  } catch (const Error& error) {
    run.no_misclassified = fmt::format("Not shown: {}.", error.what());
  }
}

}  // namespace mnist
