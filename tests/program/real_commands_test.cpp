// predict on the test images of MNIST, which scripts/fetch_mnist.sh fetches.

#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "mnist_train/shape.h"
#include "picture/gray_image.h"
#include "picture/picture_file.h"
#include "program/runs.h"
#include "run/folder.h"
#include "support.h"

namespace mnist {
namespace {

/// Dark on light, 200 pixels high, each pixel being repeated, at some place of a larger sheet.
GrayImage on_a_sheet(const GrayImage& image, std::int64_t left, std::int64_t top) {
  constexpr std::int64_t kSide = 200;
  GrayImage sheet(400, 300, 255);
  for (std::int64_t y = 0; y < kSide; ++y) {
    for (std::int64_t x = 0; x < kSide; ++x) {
      const std::uint8_t ink = image.at(x * kImageSide / kSide, y * kImageSide / kSide);
      sheet.at(left + x, top + y) = static_cast<std::uint8_t>(255 - ink);
    }
  }
  return sheet;
}

// The run read 0.970 of these images right, and predict 0.972 of them on sheets.
TEST(RealPredict, TakesImagesOfOtherSizesColorsAndPlaces) {
  constexpr std::size_t kCount = 500;
  const test::TempDir dir;
  const std::string run = (dir / "run").string();
  expect_done(test::run_program({"--quiet", "--epochs", "2", "--lr", "0.1", "--data",
                                 test::real_data_dir().string(), "--out", run}));
  std::mt19937 random(1);
  Arguments command{"predict", "--json", "--model", run};
  for (const GrayImage& image :
       test::read_images(test::real_data_dir() / "t10k-images-idx3-ubyte", kCount)) {
    command.push_back((dir / (std::to_string(command.size()) + ".png")).string());
    const auto left = static_cast<std::int64_t>(random() % 200);
    const auto top = static_cast<std::int64_t>(random() % 100);
    test::write_file(command.back(), encode_png(on_a_sheet(image, left, top)));
  }
  const test::Outcome outcome = test::run_program(command);
  expect_done(outcome);
  const nlohmann::json predictions = nlohmann::json::parse(outcome.out)["predictions"];
  const RunRecord record = read_run(run);
  int correct = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    correct += predictions[i]["digit"] == record.predictions[i].label ? 1 : 0;
  }
  EXPECT_GE(correct, 475);
}

}  // namespace
}  // namespace mnist
