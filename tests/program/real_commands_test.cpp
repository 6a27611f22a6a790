// The subcommands on MNIST itself, which scripts/fetch_mnist.sh fetches.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <random>

#include "data/idx.h"
#include "image/image_file.h"
#include "mnist_train/shape.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json train(const fs::path& out) {
  const test::Outcome outcome =
      test::run_program({"--quiet", "--json", "--epochs", "6", "--lr", "0.05", "--data",
                         test::real_data_dir().string(), "--out", out.string()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return json::parse(outcome.out);
}

/// The share of the first `count` test images that predict reads aright once each has been changed
/// and written as a PNG file.
double accuracy_of_files(const fs::path& dir, std::int64_t count,
                         const std::function<GrayImage(const GrayImage&)>& change) {
  const std::vector<GrayImage> images =
      test::read_images(test::real_data_dir() / "t10k-images-idx3-ubyte", count);
  const std::vector<std::uint8_t> labels =
      read_idx_labels(test::real_data_dir() / "t10k-labels-idx1-ubyte");
  std::string list;
  for (std::int64_t i = 0; i < count; ++i) {
    const fs::path file = dir / (std::to_string(i) + ".png");
    test::write_file(file, encode_png(change(images[i])));
    list += file.string() + "\n";
  }
  test::write_file(dir / "list", list);
  const test::Outcome outcome =
      test::run({"sh", "-c",
                 std::string(MNIST_TRAIN_PROGRAM) + " predict --json --model '" +
                     (dir / "run").string() + "' - < '" + (dir / "list").string() + "'"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const json predictions = json::parse(outcome.out)["predictions"];
  int correct = 0;
  for (std::int64_t i = 0; i < count; ++i) correct += predictions[i]["digit"] == labels[i] ? 1 : 0;
  return static_cast<double>(correct) / static_cast<double>(count);
}

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

TEST(RealPredict, IsAsAccurateOnFilesAsEvalOnTheDataSet) {
  const test::TempDir dir;
  const double evaluated = train(dir / "run")["test"]["accuracy"];
  EXPECT_GT(evaluated, 0.96);
  const double predicted =
      accuracy_of_files(dir.path(), 10000, [](const GrayImage& image) { return image; });
  EXPECT_NEAR(predicted, evaluated, 0.005);
}

TEST(RealPredict, TakesImagesOfOtherSizesColoursAndPlaces) {
  const test::TempDir dir;
  train(dir / "run");
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
  const double accuracy = accuracy_of_files(dir.path(), 2000, padded);
  RecordProperty("accuracy", std::to_string(accuracy));
  EXPECT_GE(accuracy, 0.95);
}

TEST(RealReport, IsReadInABrowser) {
  if (!fs::exists("/usr/bin/chromedriver")) {
    GTEST_SKIP() << "install chromium, chromium-driver and python3-selenium";
  }
  const test::TempDir dir;
  const json result = train(dir / "run");
  char accuracy[16];
  std::snprintf(accuracy, sizeof accuracy, "%.2f %%",
                100 * result["test"]["accuracy"].get<double>());
  const test::Outcome outcome = test::run(
      {"/usr/bin/python3", (fs::path(MNIST_TRAIN_SOURCE_DIR) / "tests/browse.py").string(),
       "report", (dir / "run/report.html").string(), "--shows", accuracy,
       "Most confident mistakes"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

}  // namespace
}  // namespace mnist
