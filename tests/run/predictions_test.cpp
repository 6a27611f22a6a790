#include "run/predictions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "mnist_train/model_file.h"
#include "mnist_train/shape.h"
#include "run/finished_run.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

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
  EXPECT_EQ(refusal_of(whole.substr(0, whole.size() - 1)),
            "runs/a/predictions.csv: line 3: expected the prediction for image 1");
  EXPECT_THAT(refusal_of(""), HasSubstr("line 1: expected position,label,prediction,probability"));
  EXPECT_THAT(refusal_of("label,guess\n"),
              HasSubstr("line 1: expected position,label,prediction,probability"));
}

TEST(Predictions, AreRefusedIfALineIsNone) {
  const std::string header = "position,label,prediction,probability\n";
  EXPECT_THAT(parse_predictions(header + "0,7,7,0.500000\n", ""), SizeIs(1));
  for (const char* line :
       {"1,7,7,0.500000", "-0,7,7,0.500000", "0,7,7,nan", "0,7,7,", "0,7,7", "0,7,7,0.500000,",
        "0,7,7,0.500000 ", "0;7;7;0.500000", "", "0,seven,7,0.500000", "0,7,7,0.5",
        "99999999999999999999,7,7,0.500000"}) {
    EXPECT_THAT(refusal_of(header + line + "\n"),
                HasSubstr("line 2: expected the prediction for image 0"))
        << line;
  }
}

constexpr std::size_t kAll = 1000;

/// A run on the sample, trained too little to classify all of its 500 test images correctly.
class MisclassifiedOfARun : public testing::Test {
 protected:
  void SetUp() override {
    const test::Outcome outcome =
        test::run_program({"--quiet", "--data", test::sample_dir().string(), "--epochs", "4",
                           "--lr", "0.1", "--out", (dir_ / "run").string()});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    run_ = read_run(dir_ / "run");
  }

  std::size_t wrong() const {
    return static_cast<std::size_t>(500 - run_.test->confusion.correct());
  }

  RunRecord found_again() const {
    RunRecord run = run_;
    find_misclassified_again(run, kAll);
    return run;
  }

  test::TempDir dir_;
  RunRecord run_;
};

TEST_F(MisclassifiedOfARun, AreFoundAgain) {
  ASSERT_GT(wrong(), 0);
  const RunRecord run = found_again();
  ASSERT_THAT(run.misclassified, SizeIs(wrong()));
  const Dataset data = load_split(test::sample_dir(), Split::kTest);
  double before = 1.0;
  for (const MisclassifiedImage& image : run.misclassified) {
    EXPECT_EQ(image.truth, data.labels[image.position].item<std::int64_t>());
    EXPECT_NE(image.truth, image.prediction.digit());
    EXPECT_EQ(image.image.pixels, image_at(data, image.position).pixels);
    EXPECT_LE(image.prediction.probability(), before);
    before = image.prediction.probability();
  }
}

TEST_F(MisclassifiedOfARun, AreNotShownOfOtherImages) {
  test::write_data_set(dir_ / "other", 10, 500);
  run_.data_dir = (dir_ / "other").string();
  const RunRecord run = found_again();
  EXPECT_THAT(run.misclassified, IsEmpty());
  EXPECT_EQ(run.no_misclassified, "Not shown: the data directory now holds other test images.");
  run_.data_dir = "/nonexistent";
  EXPECT_THAT(found_again().no_misclassified,
              testing::AllOf(testing::StartsWith("Not shown: "), HasSubstr("/nonexistent")));
}

TEST_F(MisclassifiedOfARun, AreNotShownOfAnotherModel) {
  const Mlp model = read_model(dir_ / "run");
  model->parameters().back().data()[0].add_(0.001F);
  write_model(*model, dir_ / "run/model.safetensors");
  const RunRecord run = found_again();
  EXPECT_THAT(run.misclassified, IsEmpty());
  EXPECT_EQ(run.no_misclassified, "Not shown: model.safetensors is not the model that was tested.");
  fs::remove(dir_ / "run/model.safetensors");
  EXPECT_THAT(found_again().no_misclassified, HasSubstr("model.safetensors: cannot be read"));
}

TEST_F(MisclassifiedOfARun, AreNotLookedForWithoutATest) {
  run_.test.reset();
  const RunRecord run = found_again();
  EXPECT_THAT(run.misclassified, IsEmpty());
  EXPECT_EQ(run.no_misclassified, "");
}

TEST(Fingerprint, ChangesWithEveryImageAndLabel) {
  const Dataset data = load_split(test::sample_dir(), Split::kTest);
  const std::string whole = fingerprint_text(data);
  EXPECT_THAT(whole, testing::MatchesRegex("[0-9a-f]{16}"));
  EXPECT_EQ(fingerprint_text({data.images.clone(), data.labels.clone()}), whole);
  const auto changed = [&](const auto& change) {
    const Dataset copy{data.images.clone(), data.labels.clone()};
    change(copy);
    return fingerprint_text(copy);
  };
  EXPECT_NE(changed([](const Dataset& copy) { copy.labels[0] = 3; }), whole);  // it is a 7
  EXPECT_NE(changed([](const Dataset& copy) { copy.images[499][783].add_(1); }), whole);
  EXPECT_NE(changed([](const Dataset& copy) { copy.images.copy_(copy.images.flip(0)); }), whole);
  // The highest bit of two words: a product alone would let the two changes cancel each other.
  EXPECT_NE(changed([](const Dataset& copy) {
              copy.images[0][7] = 128;
              copy.images[0][15] = 128;
            }),
            whole);
  EXPECT_NE(fingerprint_text({data.images.slice(0, 0, 499), data.labels.slice(0, 0, 499)}), whole);
}

TEST(ImageAt, GivesTheBytesOfTheFile) {
  const Dataset data = load_split(test::sample_dir(), Split::kTest);
  const std::string file = test::read_file(test::sample_dir() / "t10k-images-idx3-ubyte");
  constexpr std::size_t kHeader = 16;
  for (const std::int64_t position : {0, 7, 499}) {
    const GrayImage image = image_at(data, position);
    const std::string pixels(image.pixels.begin(), image.pixels.end());
    EXPECT_EQ(pixels, file.substr(kHeader + position * kPixels, kPixels)) << position;
  }
}

}  // namespace
}  // namespace mnist
