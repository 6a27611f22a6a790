#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/parse.h"
#include "program/runs.h"
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
      dir / "run",
      words(
          "--train-limit=60 --test-limit=50 --validation=9 --epochs=1 --patience=2 --max-time=1h "
          "--min-accuracy=0 --batch=3 --lr=0.02 --lr-schedule=cosine --warmup=0.5 "
          "--label-smoothing=0.1 --augment=elastic --stroke=1 --momentum=0.5 --weight-decay=1e-05 "
          "--hidden=64,7 --seed=2 --shuffle --engine=sparse --device=cpu --threads=2"));
  expect_done(test::run_program(arguments));
  const std::vector<Setting> expected = settings(parse_command_line(arguments).options);
  EXPECT_EQ(expected.size(), 29U);  // all that can be configured
  EXPECT_EQ(test::read_file(dir / "run" / "config.toml"), to_toml(expected));
  const auto result =
      nlohmann::ordered_json::parse(test::read_file(dir / "run" / "result.json")).at("config");
  auto written = nlohmann::ordered_json::object();
  for (const Setting& setting : expected) {
    written[setting.name] = nlohmann::ordered_json::parse(setting.value);
  }
  EXPECT_EQ(result.dump(), written.dump());  // in the same order
}

}  // namespace
}  // namespace mnist
