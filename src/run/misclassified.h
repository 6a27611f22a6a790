#pragma once

#include <torch/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "image/gray_image.h"
#include "mnist_train/data.h"
#include "run/record.h"

namespace mnist {

/// The pixels of an image of a data set; `position` counts from 0.
GrayImage image_at(const Dataset& data, std::int64_t position);

/// The fingerprint of images and labels as result.json has it: 16 hexadecimal digits.
std::string fingerprint_text(const Dataset& data);

/// The predictions that the logits ([N,10] float32) are. Labels are [N] int64. The digits are those
/// that evaluate() of evaluation.h counts.
std::vector<TestPrediction> test_predictions(const torch::Tensor& logits,
                                             const torch::Tensor& labels);

/// The `count` test images that the logits ([N,10]) misclassify with the highest probability.
std::vector<MisclassifiedImage> most_confident_misclassified(const torch::Tensor& logits,
                                                             const Dataset& test,
                                                             std::size_t count);

/// Fills in run.misclassified of a stored run, with its model and the test images in its data
/// directory; if one of them is missing or has changed, run.no_misclassified instead.
void find_misclassified_again(RunRecord& run, std::size_t count);

}  // namespace mnist
