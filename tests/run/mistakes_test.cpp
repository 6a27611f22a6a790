#include "run/mistakes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mnist_train/shape.h"
#include "run/folder.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kAll = 1000;

/// A run on the sample, trained too little to be right for all of its 500 test images.
class MistakesOfARun : public testing::Test {
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

  /// As on another processor, where `images` right sevens were taken for a one.
  void change_confusion(std::int64_t images) {
    run_.test->confusion.counts[7][7] -= images;
    run_.test->confusion.counts[7][1] += images;
  }

  RunRecord found_again() const {
    RunRecord run = run_;
    find_mistakes_again(run, kAll);
    return run;
  }

  test::TempDir dir_;
  RunRecord run_;
};

TEST_F(MistakesOfARun, AreFoundAgain) {
  ASSERT_GT(wrong(), 0);
  const RunRecord run = found_again();
  ASSERT_THAT(run.mistakes, SizeIs(wrong()));
  const Dataset data = load_split(test::sample_dir(), Split::kTest);
  double before = 1.0;
  for (const Mistake& mistake : run.mistakes) {
    EXPECT_EQ(mistake.truth, data.labels[mistake.position].item<std::int64_t>());
    EXPECT_NE(mistake.truth, mistake.prediction.digit());
    EXPECT_EQ(mistake.image.pixels, image_at(data, mistake.position).pixels);
    EXPECT_LE(mistake.prediction.probability(), before);
    before = mistake.prediction.probability();
  }
}

TEST_F(MistakesOfARun, AreFoundAgainWhereRoundingDiffers) {
  const std::size_t count = wrong();
  change_confusion(1);
  EXPECT_THAT(found_again().mistakes, SizeIs(count));
  run_.test_fingerprint.reset();  // as version 1.0.0 left it
  EXPECT_THAT(found_again().mistakes, SizeIs(count));
}

TEST_F(MistakesOfARun, AreNotShownOfOtherImages) {
  ASSERT_TRUE(run_.test_fingerprint.has_value());
  // The same labels and the same accuracy, but another fingerprint of the images.
  run_.test_fingerprint->front() = run_.test_fingerprint->front() == '0' ? '1' : '0';
  RunRecord run = found_again();
  EXPECT_THAT(run.mistakes, IsEmpty());
  EXPECT_EQ(run.no_mistakes, "Not shown: the data folder now holds other test images.");
  test::write_data_set(dir_ / "other", 10, 500);
  run_.data_dir = (dir_ / "other").string();
  EXPECT_THAT(found_again().no_mistakes, HasSubstr("other test images"));
  run_.test_fingerprint.reset();
  run = found_again();
  EXPECT_THAT(run.mistakes, IsEmpty());
  EXPECT_THAT(run.no_mistakes, HasSubstr("the model gives another result"));
  run_.data_dir = "/nonexistent";
  EXPECT_THAT(found_again().no_mistakes,
              testing::AllOf(testing::StartsWith("Not shown: "), HasSubstr("/nonexistent")));
}

TEST_F(MistakesOfARun, AreNotShownOfAnotherModel) {
  change_confusion(20);
  EXPECT_THAT(found_again().no_mistakes, HasSubstr("the model gives another result"));
  fs::remove(dir_ / "run/model.safetensors");
  EXPECT_THAT(found_again().no_mistakes, HasSubstr("model.safetensors: cannot be read"));
}

TEST_F(MistakesOfARun, AreNotLookedForWithoutATest) {
  run_.test.reset();
  const RunRecord run = found_again();
  EXPECT_THAT(run.mistakes, IsEmpty());
  EXPECT_EQ(run.no_mistakes, "");
}

TEST(Fingerprint, ChangesWithEveryImageAndLabel) {
  const Dataset data = load_split(test::sample_dir(), Split::kTest);
  const std::string whole = fingerprint_text(data);
  EXPECT_THAT(whole, testing::MatchesRegex("[0-9a-f]{16}"));
  EXPECT_EQ(fingerprint_text({data.images.clone(), data.labels.clone()}), whole);
  // k/255 rounded in another way.
  EXPECT_EQ(fingerprint_text({data.images.mul(255).round().mul(1.0F / 255), data.labels}), whole);
  const auto changed = [&](const auto& change) {
    const Dataset copy{data.images.clone(), data.labels.clone()};
    change(copy);
    return fingerprint_text(copy);
  };
  EXPECT_NE(changed([](const Dataset& copy) { copy.labels[0] = 3; }), whole);  // it is a 7
  EXPECT_NE(changed([](const Dataset& copy) { copy.images[499][783].add_(1.0F / 255); }), whole);
  EXPECT_NE(changed([](const Dataset& copy) { copy.images.copy_(copy.images.flip(0)); }), whole);
  // The highest bit of two words: a product alone would let the two changes cancel each other.
  EXPECT_NE(changed([](const Dataset& copy) {
              copy.images[0][7] = 128.0F / 255;
              copy.images[0][15] = 128.0F / 255;
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
