#pragma once

#include <string>
#include <vector>

#include "run/record.h"

namespace at {
class Tensor;
}

namespace mnist {

// predictions.csv: what a run predicted for each test image. After the header it has a line per
// image, in order: its position from 0, its label, the predicted digit and its probability with six
// decimals, such as "18,3,5,0.601942".

/// The predictions that the logits ([N,10] float32) are. Labels are [N] int64. The digits are those
/// that evaluate() of evaluation.h counts.
std::vector<TestPrediction> test_predictions(const at::Tensor& logits, const at::Tensor& labels);

/// The text of predictions.csv.
std::string to_csv(const std::vector<TestPrediction>& predictions);

/// The predictions in such a text. `file` is its name in messages. Throws Error(kModel) if it holds
/// anything else than to_csv() writes.
std::vector<TestPrediction> parse_predictions(const std::string& csv, const std::string& file);

}  // namespace mnist
