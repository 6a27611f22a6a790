#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "mnist_train/error.h"
#include "run/misclassified.h"
#include "run/record.h"
#include "support.h"

namespace mnist {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

const char* const kTwoImages = "position,digit,guess,probability\n0,7,7,0.998700\n1,3,5,0.601942\n";

std::string refusal_of(const std::string& csv) {
  try {
    parse_predictions(csv, "runs/a/predictions.csv");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kModel);
    return error.what();
  }
  return "";
}

TEST(Predictions, AreTheLargestLogitsAndTheirSoftmax) {
  torch::Tensor logits = torch::zeros({3, 10});
  logits[0][7] = std::log(11.0);  // 11 of 11 + 9
  logits[2][2] = 30.0;
  logits[2][9] = 31.0;
  const auto predictions = test_predictions(logits, torch::tensor({7, 4, 2}, torch::kInt64));
  ASSERT_THAT(predictions, SizeIs(3));
  EXPECT_EQ(predictions[0].label, 7);
  EXPECT_EQ(predictions[0].predicted, 7);
  EXPECT_NEAR(predictions[0].probability, 0.55, 1e-6);
  EXPECT_EQ(predictions[1].label, 4);
  EXPECT_EQ(predictions[1].predicted, 0);  // of equal ones the lowest
  EXPECT_NEAR(predictions[1].probability, 0.1, 1e-12);
  EXPECT_EQ(predictions[2].label, 2);
  EXPECT_EQ(predictions[2].predicted, 9);
  EXPECT_NEAR(predictions[2].probability, 1 / (1 + std::exp(-1.0)), 1e-6);
}

TEST(Predictions, AreALinePerImage) {
  EXPECT_EQ(to_csv({{7, 7, 0.9987}, {3, 5, 0.6019421}}), kTwoImages);
}

TEST(Predictions, AreReadAsTheyWereWritten) {
  const auto predictions = parse_predictions(kTwoImages, "");
  ASSERT_THAT(predictions, SizeIs(2));
  EXPECT_TRUE(predictions[0].is_correct());
  EXPECT_FALSE(predictions[1].is_correct());
  EXPECT_EQ(predictions[1].label, 3);
  EXPECT_EQ(predictions[1].predicted, 5);
  EXPECT_EQ(predictions[1].probability, 0.601942);
  EXPECT_EQ(to_csv(predictions), kTwoImages);
}

TEST(Predictions, AreRefusedIfTheFileIsCutShort) {
  const std::string whole = kTwoImages;
  EXPECT_EQ(refusal_of(whole), "");
  EXPECT_EQ(refusal_of(whole.substr(0, whole.size() - 1)),
            "runs/a/predictions.csv: line 3: expected the prediction for image 1");
  EXPECT_THAT(refusal_of(""), HasSubstr("line 1: expected position,digit,guess,probability"));
  EXPECT_THAT(refusal_of("label,guess\n"),
              HasSubstr("line 1: expected position,digit,guess,probability"));
}

TEST(Predictions, AreRefusedIfALineIsNone) {
  const std::string header = "position,digit,guess,probability\n";
  EXPECT_EQ(refusal_of(header + "0,7,7,0.500000\n"), "");
  for (const char* line :
       {"1,7,7,0.500000", "-0,7,7,0.500000", "0,10,7,0.500000", "0,-1,7,0.500000",
        "0,7,10,0.500000", "0,7,7,1.500000", "0,7,7,-0.500000", "0,7,7,nan", "0,7,7,", "0,7,7",
        "0,7,7,0.500000,", "0,7,7,0.500000 ", "0;7;7;0.500000", "", "0,seven,7,0.500000",
        "0,7,7,0.5", "99999999999999999999,7,7,0.500000"}) {
    EXPECT_THAT(refusal_of(header + line + "\n"),
                HasSubstr("line 2: expected the prediction for image 0"))
        << line;
  }
}

}  // namespace
}  // namespace mnist
