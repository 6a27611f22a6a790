// predict on the test images of MNIST, which scripts/fetch_mnist.sh fetches.

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "mnist_train/shape.h"
#include "picture/gray_image.h"
#include "picture/picture_file.h"
#include "run/predictions.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

class RealPredict : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_.emplace();
    const fs::path out = *dir_ / "run";
    const test::Outcome outcome =
        test::run_program({"--quiet", "--epochs", "2", "--lr", "0.1", "--data",
                           test::real_data_dir().string(), "--out", out.string()});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    predictions_ = parse_predictions(test::read_file(out / kPredictionsFile), kPredictionsFile);
    predictions_.resize(kCount);
  }

  static void TearDownTestSuite() { dir_.reset(); }

  using Change = std::function<GrayImage(const GrayImage&)>;

  /// The share of the first test images of which predict says what is `expected` of their answers
  /// in predictions.csv, once each has been changed and written as a PNG file.
  static double share_read_as(std::int64_t TestPrediction::*expected, const Change& change) {
    const std::vector<GrayImage> images =
        test::read_images(test::real_data_dir() / "t10k-images-idx3-ubyte", kCount);
    std::vector<std::string> command{"predict", "--json", "--model", (*dir_ / "run").string()};
    for (const GrayImage& image : images) {
      command.push_back((*dir_ / (std::to_string(command.size()) + ".png")).string());
      test::write_file(command.back(), encode_png(change(image)));
    }
    const test::Outcome outcome = test::run_program(command);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const nlohmann::json predictions = nlohmann::json::parse(outcome.out)["predictions"];
    int equal = 0;
    for (std::size_t i = 0; i < kCount; ++i) {
      equal += predictions[i]["digit"] == predictions_[i].*expected ? 1 : 0;
    }
    const double share = equal / static_cast<double>(kCount);
    RecordProperty("share", std::to_string(share));
    return share;
  }

 private:
  static constexpr std::size_t kCount = 500;
  inline static std::optional<test::TempDir> dir_;
  inline static std::vector<TestPrediction> predictions_;
};

/// Enlarged to 200 x 200, each pixel being repeated.
GrayImage enlarge(const GrayImage& image) {
  constexpr std::int64_t kSide = 200;
  GrayImage large(kSide, kSide);
  for (std::int64_t y = 0; y < kSide; ++y) {
    for (std::int64_t x = 0; x < kSide; ++x) {
      large.at(x, y) = image.at(x * kImageSide / kSide, y * kImageSide / kSide);
    }
  }
  return large;
}

// Centering the digits again changes 8 of the 10,000 answers, none of them here; two may.
TEST_F(RealPredict, ReadsImagesInFilesAsTheRunReadThoseOfTheDataSet) {
  EXPECT_GE(share_read_as(&TestPrediction::predicted, [](const GrayImage& image) { return image; }),
            0.996);
}

// The run read 0.970 of these images right, and predict reads 0.972 once they are changed.
TEST_F(RealPredict, TakesImagesOfOtherSizesColorsAndPlaces) {
  std::mt19937 random(1);
  const auto padded = [&](const GrayImage& image) {
    const GrayImage large = enlarge(image);
    GrayImage paper(400, 300, 255);
    const auto left = static_cast<std::int64_t>(random() % 200);
    const auto top = static_cast<std::int64_t>(random() % 100);
    for (std::int64_t y = 0; y < large.height; ++y) {
      for (std::int64_t x = 0; x < large.width; ++x) {
        paper.at(left + x, top + y) = static_cast<std::uint8_t>(255 - large.at(x, y));
      }
    }
    return paper;
  };
  EXPECT_GE(share_read_as(&TestPrediction::label, padded), 0.95);
}

}  // namespace
}  // namespace mnist
