#include "run/record.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "run/directory.h"
#include "support.h"

namespace mnist {
namespace {

using Json = nlohmann::ordered_json;

fs::path sample_run() { return test::source("tests/expected/run"); }

Json sample_result() { return Json::parse(test::read_file(sample_run() / "result.json")); }

RunRecord read_files(const std::string& result, const std::string& metrics = "") {
  const test::TempDir dir;
  test::write_file(dir / "result.json", result);
  test::write_file(dir / "metrics.jsonl", metrics);
  return read_run(dir.path());
}

/// The message with which such files are refused.
std::string error_of(const std::string& result, const std::string& metrics = "") {
  return test::error_of(ErrorKind::kModel, [&] { read_files(result, metrics); });
}

std::string error_of_reading(const fs::path& dir) {
  return test::error_of(ErrorKind::kModel, [&] { read_run(dir); });
}

// Report, in report_test.cpp, shows most of the sample's members.
TEST(RunRecord, HoldsWhatItsFilesSay) {
  const RunRecord run = read_run(sample_run());
  EXPECT_EQ(run.config.at(5).name, "lr");
  EXPECT_EQ(run.config.at(5).value, "0.01");
  EXPECT_EQ(plain_value(run.config.at(8)), "256,256");
  EXPECT_EQ(run.train_images, 950);
  EXPECT_EQ(run.test_images, 100);
  EXPECT_FALSE(run.test_fingerprint.has_value());
  EXPECT_EQ(run.chosen.value().by, "validation");
  EXPECT_EQ(run.train_loss, 0.125);
  ASSERT_EQ(run.history.size(), 3U);
  EXPECT_EQ(run.history[1].validation_accuracy, 0.98);
  EXPECT_EQ(run.history[1].seconds, 66.8);
  for (const char* path : {"", ".", "../run"}) EXPECT_EQ(read_run(sample_run() / path).name, "run");
}

TEST(RunRecord, IsWrittenAsItWasRead) {
  RunRecord run = read_run(sample_run());
  EXPECT_EQ(to_json(run) + "\n", test::read_file(sample_run() / "result.json"));
  run.test_fingerprint = "0123456789abcdef";
  run.model_sha256 = "01";
  run.recipe = "best";
  run.test.reset();
  run.validation->loss = std::nan("");  // JSON has no such number
  run.history.front().lr = 1e-05;
  run.history.front().train_loss = HUGE_VAL;
  const RunRecord again = read_files(to_json(run), to_json(run.history.front()) + "\n");
  EXPECT_EQ(to_json(again), to_json(run));
  EXPECT_EQ(to_json(again.history.front()), to_json(run.history.front()));
  EXPECT_EQ(again.history.front().lr, 1e-05);
  EXPECT_FALSE(again.test.has_value());
  EXPECT_TRUE(Json::parse(to_json(run))["test"].is_null());
  EXPECT_TRUE(Json::parse(to_json(run))["validation"]["loss"].is_null());
  EXPECT_TRUE(std::isnan(again.validation.value().loss));
}

TEST(RunRecord, TakesMembersThatALaterVersionMayAdd) {
  Json json = sample_result();
  json["news"] = {{"any", 1}};
  EXPECT_EQ(read_files(json.dump()).epochs, 3);
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
    Json json = sample_result();
    json[Json::json_pointer(place)] = value;
    EXPECT_THAT(error_of(json.dump()),
                testing::ContainsRegex("result.json: .*key '.*' is missing or invalid"))
        << place;
  }
}

TEST(RunRecord, RefusesAResultThatLacksAMember) {
  for (const std::string name : {"schema", "status", "config", "epochs", "seconds", "libtorch"}) {
    Json json = sample_result();
    json.erase(name);
    EXPECT_THAT(error_of(json.dump()), HasSubstr("result.json: key '" + name + "' is missing"));
  }
}

TEST(RunRecord, RefusesWhatIsNoJson) {
  const std::string whole = sample_result().dump();
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.size() / 2), std::string("{\"seconds\": 1e999}")}) {
    EXPECT_THAT(error_of(text), HasSubstr("result.json: not JSON"));
  }
  EXPECT_THAT(error_of("[1]"), HasSubstr("result.json: key 'schema' is missing"));
  const std::string deep(1'000'000, '[');  // too deep for the stack
  EXPECT_THAT(error_of("{\"schema\":" + deep + std::string(deep.size(), ']') + "}"),
              HasSubstr("key 'schema' is missing or invalid"));
}

TEST(ReadRun, RefusesEpochsThatAreBrokenUnlessTheLastLineWasCutShort) {
  const std::string result = sample_result().dump();
  const std::string epoch =
      "{\"epoch\":1,\"train_loss\":1,\"seconds\":1,\"images_per_second\":1}\n";
  EXPECT_THAT(read_files(result, epoch + "{\"epoch\":2,").history, SizeIs(1));
  EXPECT_THAT(error_of(result, epoch + "{\"epoch\":2,\n"),
              HasSubstr("metrics.jsonl: line 2: not JSON"));
  EXPECT_THAT(error_of(result, epoch + "{\"epoch\":2,\"train_loss\":\"low\"}\n"),
              HasSubstr("metrics.jsonl: line 2: key 'train_loss' is missing or"));
}

TEST(ReadRun, NeedsAResultButNoEpochs) {
  const test::TempDir dir;
  EXPECT_THAT(error_of_reading(dir.path()),
              AllOf(HasSubstr((dir / "result.json").string()), HasSubstr("No such file")));
  test::write_file(dir / "checkpoint.safetensors", "");
  EXPECT_THAT(error_of_reading(dir.path()), HasSubstr("has not ended; continue with --resume"));
  fs::copy_file(sample_run() / "result.json", dir / "result.json");
  EXPECT_THAT(read_run(dir.path()).history, IsEmpty());
}

/// A run that predicted a 7 for a 7 and a 5 for a 3, with these lines of predictions.csv.
RunRecord read_with(const std::string& lines) {
  const test::TempDir dir;
  RunRecord run;
  run.status = kStatusCompleted;
  run.test = Evaluation{0.5, {}};
  run.test->confusion.counts[7][7] = run.test->confusion.counts[3][5] = 1;
  test::write_file(dir / "result.json", to_json(run));
  test::write_file(dir / "predictions.csv", "position,label,prediction,probability\n" + lines);
  return read_run(dir.path());
}

TEST(ReadRun, RefusesPredictionsThatTheResultDoesNotCount) {
  EXPECT_THAT(read_with("0,7,7,0.998700\n1,3,5,0.601942\n").predictions, SizeIs(2));
  EXPECT_THAT(read_run(sample_run()).predictions, IsEmpty());  // there is no such file
  const auto error_with = [](const std::string& lines) {
    return test::error_of(ErrorKind::kModel, [&] { read_with(lines); });
  };
  const std::string other = "does not match result.json";
  for (const auto& [lines, reason] : {std::pair{"0,7,7,0.998700\n", other},
                                      {"0,7,7,0.998700\n1,5,5,0.601942\n", other},
                                      {"", other},
                                      {"x\n", "line 2: expected"}}) {
    EXPECT_THAT(error_with(lines), HasSubstr("predictions.csv: " + reason));
  }
}

bool is_completed(const std::vector<Setting>& config) {
  return completed_run(sample_run(), config).has_value();
}

TEST(CompletedRun, IsThatOfTheSameOptionsAndData) {
  const RunRecord run = read_run(sample_run());
  EXPECT_EQ(to_json(completed_run(sample_run(), run.config).value()), to_json(run));
  std::vector<Setting> config = run.config;
  config.at(5).value = "1e-2";  // another way to write 0.01
  EXPECT_TRUE(is_completed(config));
  config.at(5).value = "0.02";
  EXPECT_FALSE(is_completed(config));
  config = run.config;
  config.pop_back();
  EXPECT_FALSE(is_completed(config));
  for (const auto& [dir, is_same] : {std::pair{"/data/<mnist>", true},
                                     {"/data", true},
                                     {"/other", false},
                                     {"/dat", false},
                                     {"/data/<mnist>/raw", false}}) {
    config = run.config;
    config.push_back({"data", fmt::format("\"{}\"", dir)});
    EXPECT_EQ(is_completed(config), is_same) << dir;
  }
}

TEST(CompletedRun, IsNoneIfTheRunWasNotCompleted) {
  const test::TempDir dir;
  RunRecord run = read_run(sample_run());
  for (const char* status : {"interrupted", "below-min-accuracy", "diverged"}) {
    run.status = status;
    test::write_file(dir / "result.json", to_json(run) + "\n");
    EXPECT_FALSE(completed_run(dir.path(), run.config).has_value()) << status;
  }
  test::write_file(dir / "result.json", "{");
  EXPECT_FALSE(completed_run(dir.path(), run.config).has_value());
}

}  // namespace
}  // namespace mnist
