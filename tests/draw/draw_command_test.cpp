// Runs the built program, and a browser on the page that it writes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "digit/prepare_digit.h"
#include "image/image_file.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Outcome;
using test::run_program;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

bool has_browser() { return fs::exists("/usr/bin/chromedriver"); }
constexpr const char* kNoBrowser = "install chromium, chromium-driver and python3-selenium";

void train(const fs::path& data, const fs::path& out, const std::string& hidden) {
  const Outcome outcome = run_program({"--quiet", "--epochs", "3", "--hidden", hidden, "--data",
                                       data.string(), "--out", out.string()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

Outcome draw(const fs::path& model, const fs::path& html) {
  return run_program({"draw", "--model", model.string(), "--html", html.string()});
}

Outcome browse(std::vector<std::string> arguments) {
  const fs::path script = fs::path(MNIST_TRAIN_SOURCE_DIR) / "tests" / "browse.py";
  arguments.insert(arguments.begin(), {"/usr/bin/python3", script.string(), "draw"});
  return test::run(arguments);
}

/// Expects that `predict` makes of each picture in the folder what the page made of it.
void expect_same_as_predict(const fs::path& dir, const fs::path& model) {
  const json drawings = json::parse(test::read_file(dir / "drawings.json"));
  ASSERT_GE(drawings.size(), 12);
  std::vector<std::string> command{"predict", "--json", "--model", model.string()};
  for (std::size_t i = 0; i < drawings.size(); ++i) {
    command.push_back((dir / (std::to_string(i) + ".png")).string());
  }
  const Outcome outcome = run_program(command);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json predictions = json::parse(outcome.out)["predictions"];
  for (std::size_t i = 0; i < drawings.size(); ++i) {
    SCOPED_TRACE(drawings[i]["name"]);
    const GrayImage seen = prepare_digit(read_image(command[4 + i])).image;
    const std::vector<int> pixels(seen.pixels.begin(), seen.pixels.end());
    EXPECT_THAT(drawings[i]["seen"].get<std::vector<int>>(),
                testing::Pointwise(testing::DoubleNear(1), pixels));
    const std::vector<double> expected = predictions[i]["probabilities"];
    EXPECT_THAT(drawings[i]["probabilities"].get<std::vector<double>>(),
                testing::Pointwise(testing::DoubleNear(0.001), expected));
  }
}

TEST(Program, WritesADrawingPage) {
  const test::TempDir dir;
  train(test::sample_dir(), dir / "run", "20");
  const Outcome outcome = draw(dir / "run", dir / "page.html");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, (dir / "page.html").string() + "\n");
  EXPECT_THAT(test::read_file(dir / "page.html"),
              AllOf(HasSubstr("784-20-10 with ReLU"), HasSubstr((dir / "run").string())));
  EXPECT_EQ(draw(dir / "run" / "model.safetensors", dir / "page.html").exit_code, 0);  // again

  const Outcome here = test::run({"sh", "-c", "cd \"$1\" && exec \"$2\" draw --model run", "sh",
                                  dir.path().string(), MNIST_TRAIN_PROGRAM});
  EXPECT_THAT(here.out, EndsWith("/draw.html\n")) << here.err;
  EXPECT_TRUE(fs::exists(dir / "draw.html"));
}

TEST(Program, LeavesAFileThatIsNoDrawingPage) {
  const test::TempDir dir;
  train(test::sample_dir(), dir / "run", "none");
  const fs::path report = dir / "run" / "report.html";
  const std::string before = test::read_file(report);
  const Outcome outcome = draw(dir / "run", report);
  EXPECT_EQ(outcome.exit_code, 7);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr(report.string()), HasSubstr("a drawing page")));
  EXPECT_EQ(test::read_file(report), before);

  ASSERT_EQ(draw(dir / "run", dir / "page.html").exit_code, 0);
  EXPECT_EQ(run_program({"report", (dir / "run").string(), "--html", (dir / "page.html").string()})
                .exit_code,
            7);
}

TEST(Program, DrawsWithNoModelThatCannotBeRead) {
  const test::TempDir dir;
  EXPECT_EQ(run_program({"draw"}).exit_code, 2);
  test::write_file(dir / "file", "no model");
  EXPECT_EQ(draw(dir / "file", dir / "page.html").exit_code, 5);
  EXPECT_FALSE(fs::exists(dir / "page.html"));
}

TEST(Program, ReadsDrawingsInTheBrowserAsPredictDoes) {
  if (!has_browser()) GTEST_SKIP() << kNoBrowser;
  for (const char* hidden : {"none", "40,30,20"}) {
    SCOPED_TRACE(hidden);
    const test::TempDir dir;
    train(test::sample_dir(), dir / "run", hidden);
    ASSERT_EQ(draw(dir / "run", dir / "page.html").exit_code, 0);
    const Outcome outcome = browse({(dir / "page.html").string(), "--save", dir.path().string()});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
    expect_same_as_predict(dir.path(), dir / "run");
  }
}

TEST(RealDraw, RecognisesWhatIsDrawnInABrowser) {
  if (!has_browser()) GTEST_SKIP() << kNoBrowser;
  const test::TempDir dir;
  train(test::real_data_dir(), dir / "run", "256,256");
  ASSERT_EQ(draw(dir / "run", dir / "page.html").exit_code, 0);
  EXPECT_LE(fs::file_size(dir / "page.html"), 1'500'000);
  const Outcome seen = browse({(dir / "page.html").string()});
  EXPECT_EQ(seen.exit_code, 0) << seen.out << seen.err;
  const Outcome saved = browse({(dir / "page.html").string(), "--save", dir.path().string()});
  ASSERT_EQ(saved.exit_code, 0) << saved.out << saved.err;
  expect_same_as_predict(dir.path(), dir / "run");
}

}  // namespace
}  // namespace mnist
