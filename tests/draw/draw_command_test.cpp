// Runs the built program; program/browser_test.cpp opens the page that it writes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::run_program;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

void train(const fs::path& out, const std::string& hidden) {
  const Outcome outcome = run_program({"--quiet", "--epochs", "3", "--hidden", hidden, "--data",
                                       test::sample_dir().string(), "--out", out.string()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

Outcome draw(const fs::path& model, const fs::path& html) {
  return run_program({"draw", "--model", model.string(), "--html", html.string()});
}

TEST(Program, WritesADrawingPage) {
  const test::TempDir dir;
  train(dir / "run", "20");
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

TEST(Program, DrawsWithNoModelThatCannotBeRead) {
  const test::TempDir dir;
  EXPECT_EQ(run_program({"draw"}).exit_code, 2);
  test::write_file(dir / "file", "no model");
  EXPECT_EQ(draw(dir / "file", dir / "page.html").exit_code, 5);
  EXPECT_FALSE(fs::exists(dir / "page.html"));
}

}  // namespace
}  // namespace mnist
