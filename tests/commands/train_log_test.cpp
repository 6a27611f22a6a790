#include "commands/train_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>

#include "support.h"

namespace mnist {
namespace {

using testing::HasSubstr;

/// What is logged about the data set: levels and messages.
std::string log_of(const DataOptions& options) {
  std::ostringstream text;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_st>(text)));
  spdlog::set_pattern("%L %v");
  log_data(load_data(options));
  spdlog::set_default_logger(before);
  return text.str();
}

class LogData : public testing::Test {
 protected:
  LogData() { options_.dir = dir_.path().string(); }

  test::TempDir dir_;
  DataOptions options_;
};

TEST_F(LogData, NamesTheDataSet) {
  test::write_data_set(dir_.path(), 20, 10);
  EXPECT_EQ(log_of(options_), "I data     " + options_.dir + ": 20 training and 10 test images\n");
  options_.validation = 10;
  EXPECT_EQ(log_of(options_),
            "I data     " + options_.dir + ": 10 training, 10 validation and 10 test images\n");
}

TEST_F(LogData, WarnsOfDigitsThatAreMissing) {
  test::write_data_set(dir_.path(), 28, 9);
  options_.validation = 8;
  EXPECT_THAT(log_of(options_), testing::EndsWith("\nW the validation set has no image of 8, 9\n"
                                                  "W the test set has no image of 9\n"));
  options_.train_limit = 17;
  EXPECT_THAT(log_of(options_), HasSubstr("\nW the training set has no image of 9\n"));
}

TEST_F(LogData, WarnsOfPixelsThatAreNearlyBlack) {
  test::write_data_set(dir_.path(), 20, 10);
  for (const char brightest : {'\0', '\1', '\2'}) {
    test::write_file(dir_ / "train-images-idx3-ubyte",
                     test::idx_images(20, std::string(std::size_t{20} * 28 * 28, brightest)));
    const std::string warning =
        "W " + options_.dir + ": the first images have no pixel above 1; expected up to 255\n";
    EXPECT_EQ(log_of(options_).find(warning) != std::string::npos, brightest < '\2');
  }
}

TEST_F(LogData, WarnsIfThereIsNoTestSet) {
  test::write_data_set(dir_.path(), 20, 10);
  std::filesystem::remove(dir_ / "t10k-images-idx3-ubyte");
  options_.validation = 10;
  EXPECT_THAT(log_of(options_), HasSubstr("W " + options_.dir +
                                          ": no test set (t10k-images-idx3-ubyte not found); "
                                          "the result is that of the validation set\n"));
}

}  // namespace
}  // namespace mnist
