// Opens the pages that the built program writes in a browser, all in one session of it.

#include <cstdio>

#include "program/runs.h"

namespace mnist {
namespace {

using nlohmann::json;

/// Trains a model into `dir`, and writes its drawing page there.
void train_and_write_page(const fs::path& dir, const Arguments& options) {
  expect_done(test::run_program(Arguments{"--quiet", "--out", dir.string()} + options));
  expect_done(
      test::run_program({"draw", "--model", dir.string(), "--html", (dir / "draw.html").string()}));
}

/// Expects that `predict` makes of each drawing saved in `dir` what the page made of it.
void expect_same_as_predict(const fs::path& dir) {
  SCOPED_TRACE(dir);
  const json drawings = json::parse(test::read_file(dir / "drawings.json"));
  ASSERT_GE(drawings.size(), 12);
  std::vector<std::string> files;
  for (std::size_t i = 0; i < drawings.size(); ++i) {
    files.push_back((dir / (std::to_string(i) + ".png")).string());
  }
  const test::Outcome outcome =
      test::run_program(Arguments{"predict", "--json", "--model", dir.string()} + files);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json predictions = json::parse(outcome.out)["predictions"];
  for (std::size_t i = 0; i < drawings.size(); ++i) {
    SCOPED_TRACE(drawings[i]["name"]);
    const std::vector<double> expected = predictions[i]["probabilities"];
    const std::vector<double> actual = drawings[i]["probabilities"];
    EXPECT_EQ(drawings[i]["digit"], predictions[i]["digit"]);
    EXPECT_EQ(drawings[i]["low_confidence"], predictions[i].value("low_confidence", json::array()));
    EXPECT_THAT(actual, testing::Pointwise(testing::DoubleNear(0.02), expected));
  }
}

TEST(Browser, ShowsTheReportAndReadsDrawingsAsPredictDoes) {
  if (!fs::exists("/usr/bin/chromedriver")) {
    GTEST_SKIP() << "install chromium, chromium-driver and python3-selenium";
  }
  const test::TempDir dir;
  const fs::path real = dir / "real";
  const std::string sample = test::sample_dir().string();
  train_and_write_page(real, {"--data", test::real_data_dir().string(), "--hidden", "256,256",
                              "--epochs", "2", "--lr", "0.1"});
  // A rate and epochs with which the probabilities differ from drawing to drawing.
  const Arguments on_sample{"--data", sample, "--epochs", "40", "--lr", "0.1"};
  train_and_write_page(dir / "linear", on_sample + Arguments{"--hidden", "none"});
  train_and_write_page(dir / "deep", on_sample + Arguments{"--hidden", "40,30,20"});

  char accuracy[16];
  std::snprintf(accuracy, sizeof accuracy, "%.2f %%",
                100 * result_of(real)["test"]["accuracy"].get<double>());
  Arguments command{"/usr/bin/python3", test::source("tests/browse.py"),
                    "report",           real / "report.html",
                    "--shows",          accuracy};
  command = command + Arguments{"Misclassified with the highest probability", "+", "draw",
                                real / "draw.html"};
  const std::vector<fs::path> models{real, dir / "linear", dir / "deep"};
  for (const fs::path& model : models) {
    command = command + Arguments{"+", "save", model / "draw.html", model};
  }
  const test::Outcome outcome = test::run(command);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  for (const fs::path& model : models) expect_same_as_predict(model);
}

}  // namespace
}  // namespace mnist
