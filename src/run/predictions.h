#pragma once

#include <string>
#include <vector>

#include "run/record.h"

namespace at {
class Tensor;
}

namespace mnist {

// predictions.csv: what a run said of each test image. After the header it has a line an image, in
// their order: its position from 0, its label, the guess, and the probability of the guess with six
// decimals, such as "18,3,5,0.601942".

constexpr const char* kPredictionsFile = "predictions.csv";
constexpr const char* kPredictionsHeader = "position,digit,guess,probability";

/// The answers that the logits ([N,10] float32) are. Labels are [N] int64. The guesses are those
/// that evaluate() of evaluation.h counts.
std::vector<Answer> answers_of(const at::Tensor& logits, const at::Tensor& labels);

/// The text of predictions.csv.
std::string to_csv(const std::vector<Answer>& answers);

/// The answers in a predictions.csv, whose lines may also end as on Windows. `file` is its name in
/// messages. Throws Error(kModel) if it holds anything else than to_csv() writes.
std::vector<Answer> parse_answers(const std::string& csv, const std::string& file);

/// Fills in run.answers from the folder of the run. Its result does not depend on them, so a file
/// that cannot be used, or whose counts are not those of run.test, is no error: then
/// run.no_answers says what is wrong. If there is no file, as in folders of version 1.0.0, both
/// stay empty.
void read_answers(RunRecord& run);

}  // namespace mnist
