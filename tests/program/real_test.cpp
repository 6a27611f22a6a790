// On the real MNIST: fetch it with scripts/fetch_mnist.sh.

#include <gtest/gtest.h>
#include <torch/version.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

class RealMnist : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(fs::exists(test::real_data_dir() / "train-images-idx3-ubyte"))
        << "fetch MNIST with scripts/fetch_mnist.sh, or leave these tests out with ctest -LE real";
  }
};

/// The losses in the epoch lines, as text.
std::vector<std::string> losses_in(const std::string& output) {
  std::vector<std::string> losses;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string epoch;
    std::string number;
    std::string name;
    std::string loss;
    if (words >> epoch >> number >> name >> loss && epoch == "epoch") losses.push_back(loss);
  }
  return losses;
}

/// The line with the test loss.
std::string test_loss(const std::string& output) {
  const std::size_t begin = output.find("\ntest loss ");
  return begin == std::string::npos ? ""
                                    : output.substr(begin, output.find('\n', begin + 1) - begin);
}

// Five seeds of --engine autograd: 97.73, 97.94, 97.93, 97.90, 97.92 %; the bounds are four
// standard deviations from their mean.
TEST_F(RealMnist, IsLearntAsWellByTheSparseEngineAsByAutograd) {
  const auto program =
      test::run_program({"--json", "--engine", "sparse", "--epochs", "30", "--batch", "20",
                         "--data", test::real_data_dir().string()});
  ASSERT_EQ(program.exit_code, 0) << program.err;
  const double accuracy = nlohmann::json::parse(program.out)["test"]["accuracy"];
  EXPECT_GT(accuracy, 0.9753);
  EXPECT_LT(accuracy, 0.9824);
}

TEST_F(RealMnist, GivesTheLossesOfTheReferenceImplementation) {
  const std::string python = MNIST_TRAIN_PYTHON;
  const auto version = test::run({python, "-c", "import torch; print(torch.__version__)"});
  ASSERT_EQ(version.exit_code, 0) << "install python3-torch and python3-torchvision, or leave this "
                                     "test out with --gtest_filter\n"
                                  << version.err;
  const std::string ours =
      std::to_string(TORCH_VERSION_MAJOR) + "." + std::to_string(TORCH_VERSION_MINOR) + ".";
  if (version.out.rfind(ours, 0) != 0) {
    GTEST_SKIP() << "built with LibTorch " TORCH_VERSION ", the reference would run on "
                 << version.out << "which sums in another order";
  }
  const fs::path source = MNIST_TRAIN_SOURCE_DIR;
  for (const std::vector<std::string>& options : std::vector<std::vector<std::string>>{
           {},
           {"--lr-schedule", "cosine", "--warmup", "0.5", "--label-smoothing", "0.1"},
           {"--lr-schedule", "linear"}}) {
    std::vector<std::string> common{"--epochs", "2", "--seed", "1", "--train-limit", "6000"};
    common.insert(common.end(), options.begin(), options.end());
    std::vector<std::string> command{python, (source / "scripts/reference.py").string(), "--data",
                                     (source / "data").string()};
    command.insert(command.end(), common.begin(), common.end());
    const auto reference = test::run(command);
    ASSERT_EQ(reference.exit_code, 0) << reference.err;
    std::vector<std::string> arguments{"--engine", "autograd", "--data",
                                       test::real_data_dir().string()};
    arguments.insert(arguments.end(), common.begin(), common.end());
    const auto program = test::run_program(arguments);
    ASSERT_EQ(program.exit_code, 0) << program.err;
    ASSERT_EQ(losses_in(reference.out).size(), 2) << reference.out;
    EXPECT_EQ(losses_in(program.out), losses_in(reference.out)) << testing::PrintToString(options);
    EXPECT_EQ(test_loss(program.out), test_loss(reference.out)) << testing::PrintToString(options);
  }
}

}  // namespace
}  // namespace mnist
