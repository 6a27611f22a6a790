#include "run/predictions.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <charconv>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/json_line.h"
#include "base/text.h"
#include "mnist_train/error.h"
#include "run/json_object.h"

namespace mnist {
namespace {

/// Takes the number that the text begins with, and what has to come after it, off the text. Returns
/// whether both were there.
template <typename Number>
bool take(std::string_view& text, Number& number, std::string_view after) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (error != std::errc() || text.substr(0, after.size()) != after) return false;
  text.remove_prefix(after.size());
  return true;
}

bool is_digit(std::int64_t number) { return 0 <= number && number < kDigits; }

/// Reads the line of the image at `position`, without its end. Returns whether it is one.
bool read_answer(std::string_view line, std::size_t position, Answer& answer) {
  std::size_t found = 0;
  return take(line, found, ",") && found == position && take(line, answer.digit, ",") &&
         is_digit(answer.digit) && take(line, answer.guess, ",") && is_digit(answer.guess) &&
         take(line, answer.probability, "") && line.empty() && answer.probability >= 0 &&
         answer.probability <= 1;
}

/// For a message: on one line, not too long, and UTF-8 as the page is.
std::string in_quotes(std::string_view line) {
  constexpr std::size_t kLongest = 40;
  const std::string text = printable(json_text(std::string(line.substr(0, kLongest))));
  return fmt::format("'{}{}'", text, line.size() > kLongest ? "..." : "");
}

ConfusionMatrix count(const std::vector<Answer>& answers) {
  ConfusionMatrix confusion;
  for (const Answer& answer : answers) ++confusion.counts.at(answer.digit).at(answer.guess);
  return confusion;
}

std::string counts_text(const ConfusionMatrix& confusion) {
  return fmt::format("{} of {} images right", confusion.correct(), confusion.total());
}

}  // namespace

std::vector<Answer> answers_of(const torch::Tensor& logits, const torch::Tensor& labels) {
  const torch::Tensor guesses = logits.argmax(1);
  const torch::Tensor shares =
      torch::softmax(logits.to(torch::kFloat64), 1).gather(1, guesses.unsqueeze(1)).squeeze(1);
  const auto digit = labels.accessor<std::int64_t, 1>();
  const auto guess = guesses.accessor<std::int64_t, 1>();
  const auto share = shares.accessor<double, 1>();
  std::vector<Answer> answers;
  for (std::int64_t i = 0; i < digit.size(0); ++i)
    answers.push_back({digit[i], guess[i], share[i]});
  return answers;
}

std::string to_csv(const std::vector<Answer>& answers) {
  std::string csv = kPredictionsHeader;
  csv += '\n';
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto& [digit, guess, probability] = answers[i];
    csv += fmt::format("{},{},{},{:.6f}\n", i, digit, guess, probability);
  }
  return csv;
}

std::vector<Answer> parse_answers(const std::string& csv, const std::string& file) {
  std::vector<Answer> answers;
  std::string_view rest = csv;
  for (std::size_t number = 1; !rest.empty() || number == 1; ++number) {
    const std::string where = fmt::format("{}: line {}", file, number);
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    if (end == std::string_view::npos) refuse_run_file(where, "a whole line", in_quotes(line));
    rest.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (number == 1) {
      if (line != kPredictionsHeader) refuse_run_file(where, kPredictionsHeader, in_quotes(line));
      continue;
    }
    Answer answer{};
    if (!read_answer(line, answers.size(), answer)) {
      refuse_run_file(where,
                      fmt::format("the position {}, two digits from 0 to 9 and a probability from "
                                  "0 to 1, with commas between them",
                                  answers.size()),
                      in_quotes(line));
    }
    answers.push_back(answer);
  }
  return answers;
}

void read_answers(RunRecord& run) {
  const std::filesystem::path file = run.dir / kPredictionsFile;
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return;
  try {
    const FileContents contents = read_file(file);
    if (!contents.problem.empty()) {
      refuse_run_file(file.string(), "a file of a finished run", contents.problem);
    }
    std::vector<Answer> answers = parse_answers(contents.bytes, file.string());
    const ConfusionMatrix found = count(answers);
    const ConfusionMatrix expected = run.test ? run.test->confusion : ConfusionMatrix{};
    if (found.counts != expected.counts) {
      refuse_run_file(file.string(),
                      fmt::format("the answers that result.json counts, {}", counts_text(expected)),
                      "others, " + counts_text(found));
    }
    run.answers = std::move(answers);
  } catch (const Error& error) {
    run.no_answers = fmt::format("{}.", error.what());
  }
}

}  // namespace mnist
