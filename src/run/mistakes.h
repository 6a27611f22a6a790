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

/// The picture of an image of a data set; `position` counts from 0.
GrayImage image_at(const Dataset& data, std::int64_t position);

/// The fingerprint of images and labels as result.json has it: 16 hexadecimal digits.
std::string fingerprint_text(const Dataset& data);

/// The `count` most confident mistakes among the test images that the logits ([N,10]) are of.
std::vector<Mistake> most_confident_mistakes(const torch::Tensor& logits, const Dataset& test,
                                             std::size_t count);

/// Finds the mistakes of a stored run again, with its model and the test images in its data folder.
/// Fills in run.mistakes or, if that cannot be done, run.no_mistakes. The test images must have the
/// run's fingerprint, and the accuracy must be that of the run or close to it, since another
/// processor or number of threads may round in another way. Where result.json has no fingerprint,
/// as in version 1.0.0, the accuracy alone decides.
void find_mistakes_again(RunRecord& run, std::size_t count);

}  // namespace mnist
