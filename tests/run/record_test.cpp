#include "run/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "run/folder.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using testing::ContainsRegex;
using testing::HasSubstr;

fs::path sample_run() { return fs::path(MNIST_TRAIN_SOURCE_DIR) / "tests/expected/run"; }

Json sample_result() { return Json::parse(test::read_file(sample_run() / "result.json")); }

/// A run whose result is the sample's with the value at `place` (a JSON pointer) replaced.
RunRecord read_with(const std::string& place, const Json& value) {
  const test::TempDir dir;
  Json json = sample_result();
  json[Json::json_pointer(place)] = value;
  test::write_file(dir / "result.json", json.dump());
  return read_run(dir.path());
}

RunRecord read_files(const std::string& result, const std::string& metrics) {
  const test::TempDir dir;
  test::write_file(dir / "result.json", result);
  test::write_file(dir / "metrics.jsonl", metrics);
  return read_run(dir.path());
}

/// The message with which such files are refused.
std::string error_of(const std::string& result, const std::string& metrics = "") {
  return test::error_of(ErrorKind::kModel, [&] { read_files(result, metrics); });
}

TEST(RunRecord, HoldsWhatItsFilesSay) {
  const RunRecord run = read_run(sample_run());
  EXPECT_EQ(run.name, "run");
  EXPECT_EQ(run.status, "completed");
  EXPECT_EQ(run.stopped_by, "patience");
  EXPECT_EQ(run.config.size(), 13U);
  EXPECT_EQ(run.config.at(5).name, "lr");
  EXPECT_EQ(run.config.at(5).value, "0.01");
  EXPECT_EQ(run.config.at(8).value, "\"256,256\"");
  EXPECT_EQ(plain_value(run.config.at(8)), "256,256");
  EXPECT_EQ(run.data_dir, "/data/<mnist>");
  EXPECT_EQ(run.train_images + run.validation_images + run.test_images, 950 + 50 + 100);
  EXPECT_FALSE(run.test_fingerprint.has_value());
  EXPECT_EQ(run.epochs, 3);
  EXPECT_EQ(run.chosen.value().epoch, 2);
  EXPECT_EQ(run.chosen.value().by, "validation");
  EXPECT_EQ(run.train_loss, 0.125);
  EXPECT_EQ(run.validation.value().confusion.counts[5][3], 1);
  EXPECT_EQ(run.test.value().loss, 0.2);
  EXPECT_EQ(run.test.value().confusion.counts[4][9], 2);
  EXPECT_EQ(run.test.value().confusion.correct(), 95);
  EXPECT_EQ(run.seconds, 200.4);
  EXPECT_EQ(run.images_per_second, 12345.6);
  EXPECT_EQ(run.engine, "sparse (AVX2)");
  ASSERT_EQ(run.history.size(), 3U);
  EXPECT_EQ(run.history[1].epoch, 2);
  EXPECT_EQ(run.history[1].train_loss, 0.5);
  EXPECT_EQ(run.history[1].validation_loss, 0.25);
  EXPECT_EQ(run.history[1].validation_accuracy, 0.98);
  EXPECT_EQ(run.history[1].seconds, 66.8);
  EXPECT_EQ(run.history[1].images_per_second, 14.2);
}

TEST(RunRecord, MayHaveNoTest) {
  const RunRecord run = read_with("/test", nullptr);
  EXPECT_FALSE(run.test.has_value());
  EXPECT_EQ(run.validation.value().confusion.correct(), 49);
  EXPECT_TRUE(Json::parse(to_json(run))["test"].is_null());
}

TEST(RunRecord, IsWrittenAsItWasRead) {
  RunRecord run = read_run(sample_run());
  EXPECT_EQ(to_json(run) + "\n", test::read_file(sample_run() / "result.json"));
  run.test_fingerprint = "0123456789abcdef";
  run.model_sha256 = "01";
  run.recipe = "best";
  run.history.front().lr = 1e-05;
  const RunRecord again = read_files(to_json(run), to_json(run.history.front()) + "\n");
  EXPECT_EQ(to_json(again), to_json(run));
  EXPECT_EQ(to_json(again.history.front()), to_json(run.history.front()));
  EXPECT_EQ(again.history.front().lr, 1e-05);
}

TEST(RunRecord, WritesNumbersThatAreNotFiniteAsNull) {
  RunRecord run = read_run(sample_run());
  run.test->loss = std::nan("");
  EXPECT_TRUE(Json::parse(to_json(run))["test"]["loss"].is_null());
  EXPECT_TRUE(std::isnan(read_with("/test/loss", nullptr).test.value().loss));
  EpochResult epoch = run.history.front();
  epoch.train_loss = HUGE_VAL;
  EXPECT_TRUE(Json::parse(to_json(epoch))["train_loss"].is_null());
}

TEST(RunRecord, ShowsTheValuesOfSettingsWithoutQuotes) {
  EXPECT_EQ(plain_value({"data", R"("/a \"b\"")"}), R"(/a "b")");
  EXPECT_EQ(plain_value({"lr", "0.01"}), "0.01");
}

TEST(RunRecord, TakesMembersThatALaterVersionMayAdd) {
  EXPECT_EQ(read_with("/news", Json{{"any", 1}}).epochs, 3);
}

TEST(RunRecord, RefusesValuesOfAnotherKind) {
  const Json short_row = Json::array({1, 2});
  const std::vector<std::pair<std::string, Json>> cases{
      {"/schema", "mnist-train/2"},
      {"/schema", 1},
      {"/status", nullptr},
      {"/config", "lr"},
      {"/data", 3},
      {"/data/test_fingerprint", 5},
      {"/data/train", -1},
      {"/data/test", 1.5},
      {"/epochs", 1000000000001},
      {"/epochs", 18446744073709551615U},
      {"/seconds", -0.5},
      {"/images_per_second", "fast"},
      {"/train_loss", -1},
      {"/chosen", 2},
      {"/test/loss", true},
      {"/test/confusion", 7},
      {"/test/confusion/9", short_row},
      {"/test/confusion/10", short_row},
      {"/test/confusion/3/4", -1},
      {"/validation/confusion/0/0", 9000000000000000000},
      {"/device", Json::array({"a\nb"})},
  };
  for (const auto& [place, value] : cases) {
    SCOPED_TRACE(place);
    const std::string message =
        test::error_of(ErrorKind::kModel, [&, at = place, to = value] { read_with(at, to); });
    EXPECT_THAT(message, ContainsRegex("result.json: .*member '.*' is missing or not as expected"));
  }
}

TEST(RunRecord, RefusesAResultThatLacksAMember) {
  const Json whole = sample_result();
  for (const char* name : {"schema", "status", "config", "epochs", "seconds", "libtorch"}) {
    Json json = whole;
    json.erase(name);
    EXPECT_THAT(error_of(json.dump()),
                HasSubstr("result.json: member '" + std::string(name) + "' is missing"));
  }
}

TEST(RunRecord, RefusesWhatIsNoJson) {
  const std::string whole = sample_result().dump();
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.size() / 2), std::string("{\"seconds\": 1e999}")}) {
    EXPECT_THAT(error_of(text), HasSubstr("result.json: not JSON"));
  }
  EXPECT_THAT(error_of("[1]"), HasSubstr("result.json: member 'schema' is missing"));
  const std::string deep(1'000'000, '[');  // too deep for the stack
  EXPECT_THAT(error_of("{\"schema\":" + deep + std::string(deep.size(), ']') + "}"),
              HasSubstr("member 'schema' is missing or not as expected"));
}

constexpr const char* kEpoch1 =
    "{\"epoch\":1,\"train_loss\":1,\"seconds\":1,\"images_per_second\":1}\n";

TEST(RunRecord, LeavesOutALastLineThatWasCutShort) {
  const RunRecord run = read_files(sample_result().dump(), kEpoch1 + std::string("{\"epoch\":2,"));
  EXPECT_EQ(run.history.size(), 1U);
}

TEST(RunRecord, RefusesEpochsThatAreBroken) {
  const auto message = [&](const std::string& line) {
    return error_of(sample_result().dump(), kEpoch1 + line + "\n");
  };
  EXPECT_THAT(message("{\"epoch\":2,"), HasSubstr("metrics.jsonl: line 2: not JSON"));
  EXPECT_THAT(message("{\"epoch\":2,\"train_loss\":\"low\"}"),
              HasSubstr("metrics.jsonl: line 2: member 'train_loss' is missing or not"));
}

}  // namespace
}  // namespace mnist
