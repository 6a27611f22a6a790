#include "run/predictions.h"

#include <torch/types.h>

#include <cmath>

#include "mnist_train/shape.h"
#include "run/fingerprint.h"
#include "support.h"

namespace mnist {
namespace {

const char* const kTwoImages =
    "position,label,prediction,probability\n0,7,7,0.998700\n1,3,5,0.601942\n";

std::string refusal_of(const std::string& csv) {
  return test::error_of(ErrorKind::kModel,
                        [&] { parse_predictions(csv, "runs/a/predictions.csv"); });
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

TEST(Predictions, AreRefusedIfALineIsNoneOrCutShort) {
  const std::string header = "position,label,prediction,probability\n";
  for (const std::string line :
       {"1,7,7,0.500000\n", "-0,7,7,0.500000\n", "0,7,7,nan\n", "0,7,7,\n", "0,7,7\n",
        "0,7,7,0.500000,\n", "0,7,7,0.500000 \n", "0;7;7;0.500000\n", "\n", "0,seven,7,0.500000\n",
        "0,7,7,0.5\n", "99999999999999999999,7,7,0.500000\n", "0,7,7,0.500000"}) {
    EXPECT_EQ(refusal_of(header + line),
              "runs/a/predictions.csv: line 2: expected the prediction for image 0")
        << line;
  }
  for (const char* other : {"", "label,guess\n"}) {
    EXPECT_EQ(refusal_of(other),
              "runs/a/predictions.csv: line 1: expected position,label,prediction,probability");
  }
}

/// The predictions of a run that took every image of the sample's test set for a 7.
class Misclassified : public testing::Test {
 protected:
  Misclassified() {
    run_.data_dir = test::sample_dir().string();
    run_.test_images = data_.size();
    run_.test_fingerprint = fingerprint(data_);
    for (std::int64_t i = 0; i < data_.size(); ++i) {
      run_.predictions.push_back({data_.labels[i].item<std::int64_t>(), 7, 0.2});
    }
  }

  RunRecord found(std::size_t count) const {
    RunRecord run = run_;
    find_misclassified_again(run, count);
    return run;
  }

  Dataset data_ = load_split(test::sample_dir(), Split::kTest);
  RunRecord run_;
};

TEST_F(Misclassified, AreThoseOfTheHighestProbability) {
  for (const std::size_t i : {5, 9}) {
    ASSERT_NE(run_.predictions[i].label, 7);
    run_.predictions[i].probability = 0.1 * static_cast<double>(i);
  }
  ASSERT_EQ(run_.predictions[0].label, 7);  // it is correct
  run_.predictions[0].probability = 1.0;
  const RunRecord run = found(3);
  ASSERT_THAT(run.misclassified, SizeIs(3));
  EXPECT_EQ(run.misclassified[0].position, 9);
  EXPECT_EQ(run.misclassified[0].prediction.label, data_.labels[9].item<std::int64_t>());
  EXPECT_EQ(run.misclassified[0].prediction.predicted, 7);
  EXPECT_EQ(run.misclassified[0].image.pixels, image_at(data_, 9).pixels);
  EXPECT_EQ(run.misclassified[1].position, 5);
  EXPECT_EQ(run.misclassified[2].position, 1);  // the first of those that are as probable
  const auto sevens = (data_.labels == 7).sum().item<std::int64_t>();
  EXPECT_THAT(found(1000).misclassified, SizeIs(data_.size() - sevens));
}

TEST_F(Misclassified, AreNotShownOfOtherImages) {
  const test::TempDir dir;
  test::write_data_set(dir.path(), 10, 500);
  run_.data_dir = dir.path().string();
  EXPECT_THAT(found(3).misclassified, IsEmpty());
  EXPECT_EQ(found(3).no_misclassified,
            "Not shown: the data directory now holds other test images.");
  run_.data_dir = "/nonexistent";
  EXPECT_THAT(found(3).no_misclassified,
              testing::AllOf(testing::StartsWith("Not shown: "), HasSubstr("/nonexistent")));
  run_.predictions.clear();
  EXPECT_EQ(found(3).no_misclassified, "Not shown: no predictions.");
}

TEST(Fingerprint, ChangesWithEveryImageAndLabel) {
  const std::string whole = fingerprint(load_split(test::sample_dir(), Split::kTest));
  EXPECT_THAT(whole, testing::MatchesRegex("[0-9a-f]{16}"));
  const auto changed = [&](const auto& change) {
    Dataset copy = load_split(test::sample_dir(), Split::kTest);
    change(copy);
    return fingerprint(copy);
  };
  EXPECT_EQ(changed([](const Dataset&) {}), whole);
  EXPECT_NE(changed([](const Dataset& copy) { copy.labels[0] = 3; }), whole);  // it is a 7
  EXPECT_NE(changed([](const Dataset& copy) { copy.images[499][783].add_(1); }), whole);
  EXPECT_NE(changed([](const Dataset& copy) { copy.images.copy_(copy.images.flip(0)); }), whole);
  EXPECT_NE(changed([](Dataset& copy) { copy = copy.slice(0, 499); }), whole);
  // The highest bit of two words: a product alone would let the two changes cancel each other.
  EXPECT_NE(changed([](const Dataset& copy) {
              copy.images[0][7] = 128;
              copy.images[0][15] = 128;
            }),
            whole);
}

}  // namespace
}  // namespace mnist
