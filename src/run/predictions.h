#pragma once

#include <torch/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "mnist_train/data.h"
#include "picture/gray_image.h"
#include "run/record.h"

namespace mnist {

/// The pixels of an image of a data set; `position` counts from 0.
GrayImage image_at(const Dataset& data, std::int64_t position);

/// The predictions that the logits ([N,10] float32) are. Labels are [N] int64. The digits are those
/// that evaluate() counts.
std::vector<TestPrediction> test_predictions(const torch::Tensor& logits,
                                             const torch::Tensor& labels);

/// predictions.csv: after a header a line per test image, in order: its position from 0, its label,
/// the predicted digit and its probability with six decimals, such as "18,3,5,0.601942".
std::string to_csv(const std::vector<TestPrediction>& predictions);

/// The predictions in such a text. Throws Error(kModel) if it holds anything else than to_csv()
/// writes.
std::vector<TestPrediction> parse_predictions(const std::string& csv, const std::string& file);

/// The `count` misclassified test images with the highest probability (all, if they are fewer),
/// highest first.
std::vector<MisclassifiedImage> most_confident_misclassified(
    const std::vector<TestPrediction>& predictions, const Dataset& test, std::size_t count);

/// Fills in run.misclassified of a stored run, from its predictions and the test images in its data
/// directory; if these are missing or have changed, run.no_misclassified instead.
void find_misclassified_again(RunRecord& run, std::size_t count);

}  // namespace mnist
