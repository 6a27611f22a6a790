#include "run/predictions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "mnist_train/error.h"
#include "support.h"

namespace mnist {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

const char* const kTwoImages = "position,digit,guess,probability\n0,7,7,0.998700\n1,3,5,0.601942\n";

std::string refusal_of(const std::string& csv) {
  try {
    parse_answers(csv, "runs/a/predictions.csv");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kModel);
    return error.what();
  }
  return "";
}

/// What read_answers() makes of a folder with this file, if the test counted one 7 as a 7 and one 3
/// as a 5.
RunRecord read_with(const std::string& csv) {
  const test::TempDir dir;
  test::write_file(dir / "predictions.csv", csv);
  RunRecord run;
  run.dir = dir.path();
  run.test = Evaluation{0.5, {}};
  run.test->confusion.counts[7][7] = 1;
  run.test->confusion.counts[3][5] = 1;
  read_answers(run);
  return run;
}

TEST(Predictions, AreTheLargestLogitsAndTheirSoftmax) {
  torch::Tensor logits = torch::zeros({3, 10});
  logits[0][7] = std::log(11.0);  // 11 of 11 + 9
  logits[2][2] = 30.0;
  logits[2][9] = 31.0;
  const auto answers = answers_of(logits, torch::tensor({7, 4, 2}, torch::kInt64));
  ASSERT_THAT(answers, SizeIs(3));
  EXPECT_EQ(answers[0].digit, 7);
  EXPECT_EQ(answers[0].guess, 7);
  EXPECT_NEAR(answers[0].probability, 0.55, 1e-6);
  EXPECT_EQ(answers[1].digit, 4);
  EXPECT_EQ(answers[1].guess, 0);  // of equal ones the lowest
  EXPECT_NEAR(answers[1].probability, 0.1, 1e-12);
  EXPECT_EQ(answers[2].digit, 2);
  EXPECT_EQ(answers[2].guess, 9);
  EXPECT_NEAR(answers[2].probability, 1 / (1 + std::exp(-1.0)), 1e-6);
}

TEST(Predictions, AreALineAnImage) {
  EXPECT_EQ(to_csv({{7, 7, 0.9987}, {3, 5, 0.6019421}}), kTwoImages);
}

TEST(Predictions, AreReadAsTheyWereWritten) {
  for (const bool is_windows : {false, true}) {
    std::string csv = kTwoImages;
    for (auto at = csv.find('\n'); is_windows && at != std::string::npos;
         at = csv.find('\n', at + 2)) {
      csv.insert(at, "\r");
    }
    const auto answers = parse_answers(csv, "");
    ASSERT_THAT(answers, SizeIs(2));
    EXPECT_TRUE(answers[0].is_right());
    EXPECT_FALSE(answers[1].is_right());
    EXPECT_EQ(to_csv(answers), kTwoImages);
  }
}

TEST(Predictions, AreRefusedIfTheyAreNotWhole) {
  const std::string whole = kTwoImages;
  EXPECT_EQ(refusal_of(whole), "");
  EXPECT_EQ(
      refusal_of(whole.substr(0, whole.size() - 4)),
      "runs/a/predictions.csv: line 3: expected a whole line, found '1,3,5,0.601'; repeat the "
      "run with --overwrite, or leave it out");
  EXPECT_THAT(refusal_of(""), HasSubstr("line 1: expected a whole line, found ''"));
  EXPECT_THAT(refusal_of("\xff\x1b" + std::string(50, 'x')),
              HasSubstr("found '\ufffd?" + std::string(38, 'x') + "...'"));
  EXPECT_THAT(refusal_of("label,guess\n"),
              HasSubstr("line 1: expected position,digit,guess,probability, found 'label,guess'"));
}

TEST(Predictions, AreRefusedIfALineIsNotAnAnswer) {
  for (const char* line :
       {"1,7,7,0.5", "-0,7,7,0.5", "0,10,7,0.5", "0,-1,7,0.5", "0,7,10,0.5", "0,7,7,1.5",
        "0,7,7,-0.5", "0,7,7,nan", "0,7,7,", "0,7,7", "0,7,7,0.5,", "0,7,7,0.5 ", "0;7;7;0.5", "",
        "0,seven,7,0.5", "99999999999999999999,7,7,0.5"}) {
    const std::string why = refusal_of(std::string(kPredictionsHeader) + "\n" + line + "\n");
    EXPECT_THAT(why, AllOf(HasSubstr("line 2: expected the position 0, two digits"),
                           HasSubstr("found '" + std::string(line) + "'")));
  }
}

TEST(Predictions, OfAFolderAreThoseThatItsResultCounts) {
  const RunRecord run = read_with(kTwoImages);
  EXPECT_THAT(run.answers, SizeIs(2));
  EXPECT_EQ(run.no_answers, "");
}

TEST(Predictions, OfAFolderAreLeftOutIfItsResultCountsOthers) {
  const std::string header = std::string(kPredictionsHeader) + "\n";
  for (const auto& [csv, found] :
       {std::pair{header + "0,7,7,0.998700\n", "1 of 1 images right"},
        {header + "0,7,7,0.998700\n1,4,5,0.601942\n", "1 of 2 images right"},
        {header, "0 of 0 images right"}}) {
    const RunRecord run = read_with(csv);
    EXPECT_THAT(run.answers, IsEmpty());
    EXPECT_THAT(run.no_answers,
                HasSubstr("predictions.csv: expected the answers that result.json counts, 1 of 2 "
                          "images right, found others, " +
                          std::string(found)));
  }
  EXPECT_THAT(read_with("x").no_answers, HasSubstr("line 1: expected a whole line, found 'x'"));
}

TEST(Predictions, MayBeMissing) {
  const test::TempDir dir;
  RunRecord run;
  run.dir = dir.path();
  read_answers(run);
  EXPECT_THAT(run.answers, IsEmpty());
  EXPECT_EQ(run.no_answers, "");
}

TEST(Predictions, OfAFolderMayBeNoFile) {
  const test::TempDir dir;
  std::filesystem::create_directory(dir / "predictions.csv");
  RunRecord run;
  run.dir = dir.path();
  read_answers(run);
  EXPECT_THAT(run.no_answers, StartsWith((dir / "predictions.csv").string() + ": expected a file"));
}

}  // namespace
}  // namespace mnist
