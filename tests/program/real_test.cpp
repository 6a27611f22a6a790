// On the real MNIST: fetch it with scripts/fetch_mnist.sh.

#include <torch/version.h>

#include <random>
#include <regex>

#include "mnist_train/shape.h"
#include "picture/picture_file.h"
#include "program/runs.h"
#include "run/directory.h"

namespace mnist {
namespace {

class RealMnist : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(fs::exists(test::real_data_dir() / "train-images-idx3-ubyte"))
        << "fetch MNIST with scripts/fetch_mnist.sh, or leave these tests out with ctest -LE real";
  }
};

/// The losses of the epochs and of the test, as text.
std::vector<std::string> losses_in(const std::string& output) {
  const std::regex loss("loss [0-9.]+");
  return {std::sregex_token_iterator(output.begin(), output.end(), loss), {}};
}

// Five seeds of --engine autograd: 97.73, 97.94, 97.93, 97.90, 97.92 %; the bounds are four
// standard deviations from their mean.
TEST_F(RealMnist, IsLearntAsWellByTheSparseEngineAsByAutograd) {
  const auto program =
      test::run_program({"--json", "--engine", "sparse", "--epochs", "30", "--batch", "20",
                         "--data", test::real_data_dir().string()});
  expect_done(program);
  const double accuracy = nlohmann::json::parse(program.out)["test"]["accuracy"];
  EXPECT_GT(accuracy, 0.9753);
  EXPECT_LT(accuracy, 0.9824);
}

TEST_F(RealMnist, GivesTheLossesOfTheReferenceImplementation) {
  const auto version =
      test::run({MNIST_TRAIN_PYTHON, "-c", "import torch; print(torch.__version__)"});
  ASSERT_EQ(version.exit_code, 0) << "install python3-torch and python3-torchvision, or leave this "
                                     "test out with --gtest_filter\n"
                                  << version.err;
  const std::string ours =
      std::to_string(TORCH_VERSION_MAJOR) + "." + std::to_string(TORCH_VERSION_MINOR) + ".";
  if (version.out.rfind(ours, 0) != 0) {
    GTEST_SKIP() << "built with LibTorch " TORCH_VERSION ", the reference would run on "
                 << version.out << "which sums in another order";
  }
  for (const Arguments& options : std::vector<Arguments>{
           {},
           {"--lr-schedule", "cosine", "--warmup", "0.5", "--label-smoothing", "0.1"},
           {"--lr-schedule", "linear"}}) {
    const Arguments common =
        Arguments{"--epochs", "2", "--seed", "1", "--train-limit", "6000"} + options;
    const auto reference = test::run_python("scripts/reference.py",
                                            Arguments{"--data", test::source("data")} + common);
    expect_done(reference);
    const auto program = test::run_program(
        Arguments{"--engine", "autograd", "--data", test::real_data_dir()} + common);
    expect_done(program);
    EXPECT_EQ(losses_in(reference.out).size(), 3) << reference.out;  // two epochs, and the test
    EXPECT_EQ(losses_in(program.out), losses_in(reference.out)) << testing::PrintToString(options);
  }
}

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
TEST_F(RealMnist, IsPredictedFromImagesOfOtherSizesColorsAndPlaces) {
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
  const std::vector<TestPrediction> expected = read_run(run).predictions;
  int correct = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    correct += predictions[i]["digit"] == expected[i].label ? 1 : 0;
  }
  EXPECT_GE(correct, 475);
}

}  // namespace
}  // namespace mnist
