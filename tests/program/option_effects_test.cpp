#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/parse.h"
#include "program/runs.h"
#include "run/folder.h"
#include "support.h"

namespace mnist {
namespace {

/// The weights after an epoch on 200 images with these options besides.
std::string weights(const Arguments& options) {
  const test::TempDir dir;
  expect_done(run_here(dir / "run",
                       Arguments{"--train-limit=200", "--test-limit=100", "--epochs=1"} + options));
  return model_of(dir / "run");
}

// AllOptions in all_options_test.cpp says which options decide the weights. This is the proof for
// those whose effect does not depend on the processor.
TEST(OptionEffects, TrainsOtherWeightsWithTheOptionsThatDecideThem) {
  std::set<std::string> seen{weights({})};
  for (const char* option :
       {"--train-limit=199", "--validation=10", "--batch=19", "--lr=0.02", "--momentum=0.5",
        "--weight-decay=0.1", "--hidden=255,256", "--seed=2", "--shuffle", "--lr-schedule=linear",
        "--lr-schedule=cosine", "--warmup=0.5", "--label-smoothing=0.1", "--augment=shift",
        "--augment=affine", "--augment=elastic"}) {
    EXPECT_TRUE(seen.insert(weights({option})).second) << option;
  }
}

TEST(OptionEffects, TrainsOtherWeightsWithOtherParametersOfAugmentation) {
  std::set<std::string> seen{weights({"--augment=elastic"}), weights({"--augment=shift"})};
  EXPECT_TRUE(seen.insert(weights({"--augment=shift", "--translate=1"})).second);
  for (const char* option : {"--translate=2", "--degrees=11", "--scale=0.2", "--shear=6",
                             "--stroke=0.5", "--alpha=18", "--sigma=5"}) {
    EXPECT_TRUE(seen.insert(weights({"--augment=elastic", option})).second) << option;
  }
}

TEST(OptionEffects, TrainsTheSameWeightsWithTheOthers) {
  const std::string expected = weights({});
  for (const char* option : {"--test-limit=50", "--max-time=1h", "--min-accuracy=0",
                             "--save-every=5", "--overwrite", "--threads=2", "--device=cpu"}) {
    EXPECT_EQ(weights({option}), expected) << option;
  }
}

TEST(Program, WritesTheSettingsIntoResultAndConfig) {
  const test::TempDir dir;
  const Arguments arguments = into(
      dir / "run", words("--recipe=quick --epochs=1 --validation=9 --patience=2 --max-time=1h "
                         "--hidden=64,7 --augment=elastic --weight-decay=1e-05 --min-accuracy=0"));
  expect_done(test::run_program(arguments));
  const std::vector<Setting> expected = settings(parse_command_line(arguments).options);
  EXPECT_EQ(test::read_file(dir / "run" / "config.toml"), to_toml(expected));
  const RunRecord run = read_run(dir / "run");
  EXPECT_EQ(to_toml(run.config), to_toml(expected));  // in the same order
  EXPECT_EQ(run.recipe, "quick");
  EXPECT_THAT(test::read_file(dir / "run" / "report.html"),
              testing::HasSubstr("<dt>recipe</dt><dd>quick</dd>"));
}

}  // namespace
}  // namespace mnist
