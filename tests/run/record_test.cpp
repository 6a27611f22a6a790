#include "run/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "mnist_train/error.h"
#include "run/finished_run.h"
#include "support.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

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

/// The message of the Error(kModel) that `read` throws.
template <typename Read>
std::string error_of(Read read) {
  try {
    read();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kModel);
    return error.what();
  }
  return "no error";
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
  EXPECT_EQ(run.train_images, 950);
  EXPECT_EQ(run.validation_images, 50);
  EXPECT_EQ(run.test_images, 100);
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
  EXPECT_EQ(run.device, "cpu");
  EXPECT_EQ(run.threads, 1);
  EXPECT_EQ(run.version, "0.1.0");
  EXPECT_EQ(run.libtorch, "1.13.0");
}

TEST(RunRecord, MayHaveNoTestImages) {
  const test::TempDir dir;
  Json json = sample_result();
  json["test"] = nullptr;
  json["data"]["test"] = 0;
  test::write_file(dir / "result.json", json.dump());
  const RunRecord run = read_run(dir.path());
  EXPECT_FALSE(run.test.has_value());
  EXPECT_EQ(run.test_images, 0);
  EXPECT_EQ(run.validation.value().confusion.correct(), 49);
  EXPECT_TRUE(Json::parse(to_json(run))["test"].is_null());
}

TEST(RunRecord, HoldsTheEpochs) {
  const RunRecord run = read_run(sample_run());
  ASSERT_EQ(run.history.size(), 3U);
  EXPECT_EQ(run.history[1].epoch, 2);
  EXPECT_EQ(run.history[1].train_loss, 0.5);
  EXPECT_EQ(run.history[1].validation_loss, 0.25);
  EXPECT_EQ(run.history[1].validation_accuracy, 0.98);
  EXPECT_EQ(run.history[1].seconds, 66.8);
  EXPECT_EQ(run.history[1].images_per_second, 14.2);
}

TEST(RunRecord, ReadsWhatTheProgramWrites) {
  const test::TempDir dir;
  const test::Outcome outcome =
      test::run_program({"--data", test::sample_dir().string(), "--epochs", "2", "--validation",
                         "100", "--out", (dir / "run").string()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const RunRecord run = read_run(dir / "run");
  EXPECT_EQ(run.status, "completed");
  EXPECT_EQ(run.train_images, 900);
  EXPECT_EQ(run.test.value().confusion.total(), 500);
  EXPECT_EQ(run.history.size(), 2U);
  EXPECT_EQ(run.history.back().train_loss, run.train_loss);
  EXPECT_EQ(run.history.back().validation_loss, run.validation.value().loss);
}

TEST(RunRecord, IsWrittenAsItWasRead) {
  const test::TempDir dir;
  const test::Outcome outcome = test::run_program(
      {"--data", test::sample_dir().string(), "--epochs", "2", "--validation", "100", "--patience",
       "1", "--lr", "1e-05", "--lr-schedule", "cosine", "--out", (dir / "run").string()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const RunRecord run = read_run(dir / "run");
  // Stretch 8 of the 8 in the first of 2 epochs: 15/32 of half a cosine.
  EXPECT_NEAR(run.history.front().lr.value(), 1e-5 * (1 + std::cos(M_PI * 15 / 32)) / 2, 1e-12);
  EXPECT_EQ(to_json(run) + "\n", test::read_file(dir / "run/result.json"));
  std::string metrics;
  for (const EpochResult& epoch : run.history) metrics += to_json(epoch) + "\n";
  EXPECT_EQ(metrics, test::read_file(dir / "run/metrics.jsonl"));
}

TEST(RunRecord, WritesNumbersThatAreNotFiniteAsNull) {
  RunRecord run = read_run(sample_run());
  run.test->loss = std::nan("");
  EXPECT_TRUE(Json::parse(to_json(run))["test"]["loss"].is_null());
  EpochResult epoch = run.history.front();
  epoch.train_loss = HUGE_VAL;
  EXPECT_TRUE(Json::parse(to_json(epoch))["train_loss"].is_null());
}

TEST(RunRecord, ShowsTheValuesOfSettingsWithoutQuotes) {
  EXPECT_EQ(plain_value({"data", R"("/a \"b\"")"}), R"(/a "b")");
  EXPECT_EQ(plain_value({"lr", "0.01"}), "0.01");
  EXPECT_EQ(plain_value({"shuffle", "false"}), "false");
}

TEST(RunRecord, ReadsOneThatDiverged) {
  const test::TempDir dir;
  const test::Outcome outcome = test::run_program(
      {"--data", test::sample_dir().string(), "--lr", "1e30", "--out", (dir / "run").string()});
  ASSERT_EQ(outcome.exit_code, 4) << outcome.err;
  const RunRecord run = read_run(dir / "run");
  EXPECT_EQ(run.status, "diverged");
  EXPECT_FALSE(run.test.has_value());
  EXPECT_FALSE(run.chosen.has_value());
  ASSERT_EQ(run.history.size(), 1U);
  EXPECT_TRUE(std::isnan(run.history[0].train_loss));
}

TEST(RunRecord, TakesANullLossForOneThatIsNotFinite) {
  EXPECT_TRUE(std::isnan(read_with("/test/loss", nullptr).test.value().loss));
}

TEST(RunRecord, TakesMembersThatALaterVersionMayAdd) {
  EXPECT_EQ(read_with("/news", Json{{"any", 1}}).epochs, 3);
}

struct Bad {
  std::string place;
  Json value;
  std::string message;
};

TEST(RunRecord, RefusesValuesOfAnotherKind) {
  const Json short_row = Json::array({1, 2});
  const std::vector<Bad> cases{
      {"/schema", "mnist-train/2", "schema: unexpected \"mnist-train/2\""},
      {"/schema", 1, "schema: unexpected 1"},
      {"/status", nullptr, "status: unexpected null"},
      {"/config", "lr", "config: unexpected \"lr\""},
      {"/data", 3, "data: expected an object, found 3"},
      {"/data/test_fingerprint", 5, "data: test_fingerprint: unexpected 5"},
      {"/data/train", -1, "data: train: unexpected -1"},
      {"/data/test", 1.5, "data: test: unexpected 1.5"},
      {"/epochs", 1000000000001, "epochs: unexpected 1000000000001"},
      {"/epochs", 18446744073709551615U, "epochs: unexpected 18446744073709551615"},
      {"/seconds", -0.5, "seconds: unexpected -0.5"},
      {"/images_per_second", "fast", "images_per_second: unexpected \"fast\""},
      {"/train_loss", -1, "train_loss: unexpected -1"},
      {"/chosen", 2, "chosen: expected an object, found 2"},
      {"/test/loss", true, "test: loss: unexpected true"},
      {"/test/confusion", 7, "test: confusion: unexpected 7"},
      {"/test/confusion/9", short_row, "confusion: unexpected array"},
      {"/test/confusion/10", short_row, "confusion: unexpected array"},
      {"/test/confusion/3/4", -1, "confusion: unexpected array"},
      {"/validation/confusion/0/0", 9000000000000000000, "validation: confusion: unexpected array"},
      {"/version", "a\nb", "no error"},
      {"/device", Json::array({"a\nb"}), "device: unexpected array"},
  };
  for (const Bad& bad : cases) {
    const std::string message = error_of([&] { read_with(bad.place, bad.value); });
    EXPECT_THAT(message, AllOf(HasSubstr(bad.message), Not(HasSubstr("\n")))) << bad.place;
  }
}

TEST(RunRecord, RefusesAResultThatLacksAMember) {
  const Json whole = sample_result();
  for (const auto& item : whole.items()) {
    Json json = whole;
    json.erase(item.key());
    EXPECT_THAT(error_of([&] { read_files(json.dump(), ""); }),
                HasSubstr("result.json: expected a member '" + item.key() + "'"));
  }
}

TEST(RunRecord, RefusesWhatIsNoJson) {
  EXPECT_THAT(error_of([] { read_files("", ""); }), HasSubstr("result.json: not JSON"));
  EXPECT_THAT(error_of([] { read_files("[1]", ""); }),
              HasSubstr("expected an object, found array"));
  const std::string whole = sample_result().dump();
  EXPECT_THAT(error_of([&] { read_files(whole.substr(0, whole.size() / 2), ""); }),
              HasSubstr("result.json: not JSON"));
  EXPECT_THAT(error_of([] { read_files("{\"seconds\": 1e999}", ""); }), HasSubstr("not JSON"));
}

TEST(RunRecord, RefusesWhatIsNestedTooDeepForTheStack) {
  const std::string deep(1'000'000, '[');
  const std::string nested = deep + std::string(deep.size(), ']');
  EXPECT_THAT(error_of([&] { read_files("{\"schema\":" + nested + "}", ""); }),
              HasSubstr("schema: unexpected array"));
}

constexpr const char* kEpoch1 =
    "{\"epoch\":1,\"train_loss\":1,\"seconds\":1,\"images_per_second\":1}\n";

TEST(RunRecord, LeavesOutALastLineThatWasCutShort) {
  const RunRecord run = read_files(sample_result().dump(), kEpoch1 + std::string("{\"epoch\":2,"));
  EXPECT_EQ(run.history.size(), 1U);
}

TEST(RunRecord, RefusesEpochsThatAreBroken) {
  const std::string result = sample_result().dump();
  const auto message = [&](const std::string& line) {
    return error_of([&] { read_files(result, kEpoch1 + line + "\n"); });
  };
  EXPECT_THAT(message("{\"epoch\":2,"), HasSubstr("metrics.jsonl: line 2: not JSON"));
  EXPECT_THAT(message("{\"epoch\":1,\"train_loss\":1,\"seconds\":1,\"images_per_second\":1}"),
              HasSubstr("metrics.jsonl: line 2: expected an epoch after 1, found 1"));
  EXPECT_THAT(message("{\"epoch\":2,\"train_loss\":\"low\"}"),
              HasSubstr("line 2: train_loss: unexpected \"low\""));
  EXPECT_THAT(message("{\"epoch\":2,\"train_loss\":1,\"seconds\":1,\"images_per_second\":1,"
                      "\"validation_accuracy\":-1}"),
              HasSubstr("validation_accuracy: unexpected -1"));
}

}  // namespace
}  // namespace mnist
