#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "support.h"

namespace mnist {
namespace {

/// The weights after an epoch on 200 images with these options besides.
std::string weights(const std::vector<std::string>& options) {
  const test::TempDir dir;
  std::vector<std::string> arguments{"--quiet",           "--data=" + test::sample_dir().string(),
                                     "--train-limit=200", "--test-limit=100",
                                     "--epochs=1",        "--out=" + (dir / "run").string()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const test::Outcome outcome = test::run_program(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return test::read_file(dir / "run" / "model.safetensors");
}

// OptionTable in option_table_test.cpp says which options decide the weights. This is the proof for
// those whose effect does not depend on the processor.
TEST(Program, TrainsOtherWeightsWithTheOptionsThatDecideThem) {
  std::set<std::string> seen{weights({})};
  for (const char* option :
       {"--train-limit=199", "--validation=10", "--batch=19", "--lr=0.02", "--momentum=0.5",
        "--weight-decay=0.1", "--hidden=255,256", "--seed=2", "--shuffle"}) {
    EXPECT_TRUE(seen.insert(weights({option})).second) << option;
  }
}

TEST(Program, TrainsTheSameWeightsWithTheOthers) {
  const std::string expected = weights({});
  for (const char* option :
       {"--test-limit=50", "--max-time=1h", "--min-accuracy=0", "--save-every=5", "--overwrite"}) {
    EXPECT_EQ(weights({option}), expected) << option;
  }
}

}  // namespace
}  // namespace mnist
