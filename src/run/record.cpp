#include "run/record.h"

#include <fmt/format.h>
#include <torch/version.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/json_line.h"
#include "run/json_object.h"

namespace mnist {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "mnist-train/1";

/// The counts, the accuracy and its interval.
Json score(std::int64_t correct, std::int64_t total) {
  const Interval interval = wilson_interval(correct, total);
  return {{"accuracy", accuracy(correct, total)},
          {"correct", correct},
          {"total", total},
          {"ci95", {interval.low, interval.high}}};
}

Json evaluation_json(const Evaluation& evaluation) {
  const ConfusionMatrix& confusion = evaluation.confusion;
  Json json{{"loss", evaluation.loss}};
  json.update(score(confusion.correct(), confusion.total()));
  for (std::int64_t digit = 0; digit < kDigits; ++digit) {
    Json row{{"digit", digit}};
    row.update(score(confusion.correct(digit), confusion.total(digit)));
    json["per_digit"].push_back(row);
  }
  json["confusion"] = confusion.counts;
  return json;
}

Json data_json(const RunRecord& run) {
  Json json{{"dir", run.data_dir},
            {"train", run.train_images},
            {"validation", run.validation_images},
            {"test", run.test_images}};
  if (run.test_fingerprint) json["test_fingerprint"] = *run.test_fingerprint;
  return json;
}

ConfusionMatrix read_confusion(const JsonObject& evaluation) {
  constexpr const char* kKey = "confusion";
  constexpr const char* kShape = "10 rows of 10 counts";
  const Json& rows = evaluation.member(kKey);
  if (!rows.is_array() || rows.size() != kDigits) evaluation.refuse(kKey, kShape, rows);
  ConfusionMatrix confusion;
  for (std::size_t truth = 0; truth < kDigits; ++truth) {
    const Json& row = rows[truth];
    if (!row.is_array() || row.size() != kDigits) evaluation.refuse(kKey, kShape, row);
    for (std::size_t guess = 0; guess < kDigits; ++guess) {
      confusion.counts.at(truth).at(guess) = evaluation.count(row[guess], kKey);
    }
  }
  return confusion;
}

std::optional<Evaluation> read_evaluation(const JsonObject& result, const char* key) {
  if (result.is_null(key)) return std::nullopt;
  const JsonObject evaluation = result.object(key);
  return Evaluation{evaluation.loss("loss"), read_confusion(evaluation)};
}

std::vector<Setting> read_config(const JsonObject& result) {
  const Json& config = result.member("config");
  if (!config.is_object()) result.refuse("config", "an object", config);
  std::vector<Setting> settings;
  for (const auto& item : config.items()) settings.push_back({item.key(), json_line(item.value())});
  return settings;
}

EpochResult read_epoch(const JsonObject& line) {
  EpochResult epoch{.epoch = line.count("epoch"),
                    .epochs = 0,
                    .train_loss = line.loss("train_loss"),
                    .seconds = line.number("seconds"),
                    .images_per_second = line.number("images_per_second")};
  if (line.has("validation_loss")) epoch.validation_loss = line.loss("validation_loss");
  if (line.has("validation_accuracy")) {
    epoch.validation_accuracy = line.share("validation_accuracy");
  }
  if (line.has("lr")) epoch.lr = line.number("lr");
  return epoch;
}

}  // namespace

bool is_whole(const RunRecord& run) {
  return run.status == kStatusCompleted || run.status == kStatusBelowMinAccuracy;
}

const char* stop_name(Stop stop) {
  switch (stop) {
    case Stop::kEpochs:
      return "epochs";
    case Stop::kPatience:
      return "patience";
    case Stop::kMaxTime:
      return "max-time";
    case Stop::kAsked:
      return "signal";
    case Stop::kDiverged:
      return "divergence";
  }
  return "";
}

std::string plain_value(const Setting& setting) {
  const Json value = Json::parse(setting.value, nullptr, false);
  if (value.is_discarded()) return setting.value;
  return value.is_string() ? value.get<std::string>() : json_line(value);
}

std::string to_json(const RunRecord& run) {
  Json json{{"schema", kSchema}, {"status", run.status}, {"stopped_by", run.stopped_by}};
  json["config"] = Json::object();
  for (const Setting& setting : run.config) {
    json["config"][setting.name] = Json::parse(setting.value);
  }
  json["data"] = data_json(run);
  json["epochs"] = run.epochs;
  json["chosen"] = nullptr;
  if (run.chosen) json["chosen"] = {{"epoch", run.chosen->epoch}, {"by", run.chosen->by}};
  if (run.model_sha256) json["model_sha256"] = *run.model_sha256;
  json["train_loss"] = run.train_loss ? Json(*run.train_loss) : Json();
  json["validation"] = run.validation ? evaluation_json(*run.validation) : Json();
  json["test"] = run.test ? evaluation_json(*run.test) : Json();
  json["seconds"] = run.seconds;
  json["images_per_second"] = run.images_per_second;
  json["engine"] = run.engine;
  json["device"] = run.device;
  json["threads"] = run.threads;
  json["version"] = run.version;
  json["libtorch"] = run.libtorch;
  return json_line(json);
}

std::string to_json(const EpochResult& epoch) {
  Json json{{"epoch", epoch.epoch},
            {"train_loss", epoch.train_loss},
            {"seconds", epoch.seconds},
            {"images_per_second", epoch.images_per_second}};
  if (epoch.validation_loss) json["validation_loss"] = *epoch.validation_loss;
  if (epoch.validation_accuracy) json["validation_accuracy"] = *epoch.validation_accuracy;
  if (epoch.lr) json["lr"] = *epoch.lr;
  return json_line(json);
}

std::string to_json(const Evaluation& evaluation, const std::string& model,
                    const std::string& data_dir) {
  Json json{{"schema", "mnist-train-eval/1"}, {"model", model}};
  json["data"] = {{"dir", data_dir}, {"test", evaluation.confusion.total()}};
  json["test"] = evaluation_json(evaluation);
  json["version"] = MNIST_TRAIN_VERSION;
  json["libtorch"] = TORCH_VERSION;
  return json_line(json);
}

RunRecord parse_result(const std::string& text, const std::string& file) {
  const Json json = parse_json(text, file);
  const JsonObject result(json, file);
  if (result.text("schema") != kSchema) {
    result.refuse("schema", std::string("\"") + kSchema + "\"", result.member("schema"));
  }
  RunRecord run;
  run.status = result.text("status");
  run.stopped_by = result.text("stopped_by");
  run.config = read_config(result);
  const JsonObject data = result.object("data");
  run.data_dir = data.text("dir");
  run.train_images = data.count("train");
  run.validation_images = data.count("validation");
  run.test_images = data.count("test");
  if (result.has("model_sha256")) run.model_sha256 = result.text("model_sha256");
  if (data.has("test_fingerprint")) run.test_fingerprint = data.text("test_fingerprint");
  run.epochs = result.count("epochs");
  if (!result.is_null("chosen")) {
    const JsonObject chosen = result.object("chosen");
    run.chosen = {chosen.count("epoch"), chosen.text("by")};
  }
  if (!result.is_null("train_loss")) run.train_loss = result.number("train_loss");
  run.validation = read_evaluation(result, "validation");
  run.test = read_evaluation(result, "test");
  run.seconds = result.number("seconds");
  run.images_per_second = result.number("images_per_second");
  run.engine = result.text("engine");
  run.device = result.text("device");
  run.threads = result.count("threads");
  run.version = result.text("version");
  run.libtorch = result.text("libtorch");
  return run;
}

std::vector<EpochResult> parse_history(const std::string& jsonl, const std::string& file) {
  std::istringstream lines(jsonl);
  std::vector<EpochResult> history;
  std::string line;
  while (std::getline(lines, line) && !lines.eof()) {  // a line without a line feed was cut short
    const std::string where = fmt::format("{}: line {}", file, history.size() + 1);
    const std::int64_t before = history.empty() ? 0 : history.back().epoch;
    const Json json = parse_json(line, where);
    history.push_back(read_epoch(JsonObject(json, where)));
    if (history.back().epoch <= before) {
      refuse_run_file(where, fmt::format("an epoch after {}", before),
                      std::to_string(history.back().epoch));
    }
  }
  return history;
}

}  // namespace mnist
