// Calls commands in this process, to see what they do inside.

#include <ATen/record_function.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "commands/commands.h"
#include "support.h"

namespace mnist {
namespace {

std::atomic<int> products{0};

std::unique_ptr<at::ObserverContext> count_products(const at::RecordFunction& function) {
  if (std::string_view(function.name()) == "aten::addmm") ++products;
  return nullptr;
}

/// Counts LibTorch's matrix products with a bias, of which a forward pass takes one a layer.
class ProductCounter {
 public:
  ProductCounter() : handle_(at::addGlobalCallback(at::RecordFunctionCallback(count_products))) {
    products = 0;
  }
  ~ProductCounter() { at::removeCallback(handle_); }
  ProductCounter(const ProductCounter&) = delete;
  ProductCounter& operator=(const ProductCounter&) = delete;

 private:
  at::CallbackHandle handle_;
};

/// The products of a run on the sample that trains with a single step.
int products_of_a_run(EngineKind engine, const std::string& out) {
  Options options;
  options.data.dir = test::sample_dir().string();
  options.data.train_limit = 20;
  options.training.epochs = 1;
  options.training.hidden = {16, 16};
  options.compute.engine = engine;
  options.output.dir = out;
  options.verbosity = Verbosity::kQuiet;
  const ProductCounter counter;
  testing::internal::CaptureStdout();
  const ExitCode code = train_command(options);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), testing::HasSubstr(" of 500, "));
  EXPECT_EQ(code, ExitCode::kDone);
  return products;
}

TEST(TrainCommand, SendsTheTestImagesThroughTheNetworkOnce) {
  // The 500 test images are one slice, and there are three layers, as in the step.
  EXPECT_EQ(products_of_a_run(EngineKind::kAutograd, ""), 3 + 3);
  const test::TempDir dir;
  EXPECT_EQ(products_of_a_run(EngineKind::kAutograd, (dir / "run").string()), 3 + 3);
  EXPECT_THAT(test::read_file(dir / "run/report.html"),
              testing::HasSubstr("data:image/png;base64,"));  // the mistakes were found, too
}

TEST(TrainCommand, TestsWithTheEngineThatTrains) {
  EXPECT_EQ(products_of_a_run(EngineKind::kSparse, ""), 0);
}

TEST(MinAccuracy, IsComparedWithCountsSinceAPercentageIsRounded) {
  ConfusionMatrix test;
  test.counts[1][1] = 240;  // 80.268 %
  test.counts[1][7] = 59;
  EXPECT_EQ(below_min_accuracy(test, std::nullopt), "");
  EXPECT_EQ(below_min_accuracy(test, 80.26), "");
  EXPECT_EQ(below_min_accuracy(test, 80.27),
            "expected a test accuracy of at least 80.27 % (--min-accuracy), found 240 of 299 "
            "correct");
  test.counts[1][1] = 59;
  EXPECT_EQ(below_min_accuracy(test, 50), "");
}

}  // namespace
}  // namespace mnist
