#include "run/record.h"

#include <fmt/format.h>
#include <torch/version.h>

#include <cstddef>
#include <sstream>

#include "base/fail.h"
#include "base/json_line.h"
#include "run/json_fields.h"

namespace mnist {
namespace {

using Json = JsonFields::Json;

constexpr const char* kSchema = "mnist-train/1";
constexpr const char* kCsvHeader = "position,digit,guess,probability";

Json score(std::int64_t correct, std::int64_t total) {
  const Interval interval = wilson_interval(correct, total);
  return {{"accuracy", accuracy(correct, total)},
          {"correct", correct},
          {"total", total},
          {"ci95", {interval.low, interval.high}}};
}

/// Writes what follows from the counts, so that it need not be read.
void write_scores(Json& json, const ConfusionMatrix& confusion) {
  json.update(score(confusion.correct(), confusion.total()));
  for (std::int64_t digit = 0; digit < kDigits; ++digit) {
    Json row{{"digit", digit}};
    row.update(score(confusion.correct(digit), confusion.total(digit)));
    json["per_digit"].push_back(row);
  }
}

void config_field(JsonFields& json, std::vector<Setting>& config) {
  constexpr const char* kKey = "config";
  if (json.is_writing()) {
    json.json()[kKey] = Json::object();
    for (const Setting& one : config) json.json()[kKey][one.name] = Json::parse(one.value);
  } else {
    json.check(kKey, json.at(kKey).is_object());
    for (const auto& one : json.at(kKey).items()) {
      config.push_back({one.key(), json_line(one.value())});
    }
  }
}

std::string csv_line(std::size_t position, const TestPrediction& prediction) {
  const auto& [label, predicted, probability] = prediction;
  return fmt::format("{},{},{},{:.6f}", position, label, predicted, probability);
}

bool is_valid(const TestPrediction& prediction) {
  const auto is_digit = [](std::int64_t number) { return 0 <= number && number < kDigits; };
  return is_digit(prediction.label) && is_digit(prediction.predicted) &&
         0 <= prediction.probability && prediction.probability <= 1;
}

template <typename Record>
std::string written(Record record) {
  Json json;
  JsonFields writer(json);
  fields(writer, record);
  return json_line(json);
}

template <typename Record>
Record parsed(const std::string& text, const std::string& where) {
  Json json = parse_json(text, where);
  JsonFields reader(json, where);
  Record record{};
  fields(reader, record);
  return record;
}

}  // namespace

void fields(JsonFields& json, Evaluation& evaluation) {
  json.member("loss", evaluation.loss);
  if (json.is_writing()) write_scores(json.json(), evaluation.confusion);
  json.member("confusion", evaluation.confusion.counts);
}

void fields(JsonFields& json, ChosenEpoch& chosen) {
  json.member("epoch", chosen.epoch);
  json.member("by", chosen.by);
}

void fields(JsonFields& json, RunRecord& run) {
  std::string schema = kSchema;
  json.member("schema", schema);
  json.check("schema", schema == kSchema);
  json.member("status", run.status);
  json.member("stopped_by", run.stopped_by);
  config_field(json, run.config);
  json.object("data", [&](JsonFields& data) {
    data.member("dir", run.data_dir);
    data.member("train", run.train_images);
    data.member("validation", run.validation_images);
    data.member("test", run.test_images);
    data.optional("test_fingerprint", run.test_fingerprint);
  });
  json.member("epochs", run.epochs);
  json.nullable("chosen", run.chosen);
  json.optional("model_sha256", run.model_sha256);
  json.nullable("train_loss", run.train_loss);
  json.nullable("validation", run.validation);
  json.nullable("test", run.test);
  json.member("seconds", run.seconds);
  json.member("images_per_second", run.images_per_second);
  json.member("engine", run.engine);
  json.member("device", run.device);
  json.member("threads", run.threads);
  json.member("version", run.version);
  json.member("libtorch", run.libtorch);
}

void fields(JsonFields& json, EpochResult& epoch) {
  json.member("epoch", epoch.epoch);
  json.member("train_loss", epoch.train_loss);
  json.member("seconds", epoch.seconds);
  json.member("images_per_second", epoch.images_per_second);
  json.optional("validation_loss", epoch.validation_loss);
  json.optional("validation_accuracy", epoch.validation_accuracy);
  json.optional("lr", epoch.lr);
}

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

std::string to_json(const RunRecord& run) { return written(run); }

std::string to_json(const EpochResult& epoch) { return written(epoch); }

std::string to_json(const Evaluation& evaluation, const std::string& model,
                    const std::string& data_dir) {
  Json test;
  JsonFields writer(test);
  Evaluation copy = evaluation;
  fields(writer, copy);
  return json_line(Json{{"schema", "mnist-train-eval/1"},
                        {"model", model},
                        {"data", {{"dir", data_dir}, {"test", evaluation.confusion.total()}}},
                        {"test", test},
                        {"version", MNIST_TRAIN_VERSION},
                        {"libtorch", TORCH_VERSION}});
}

RunRecord parse_result(const std::string& text, const std::string& file) {
  return parsed<RunRecord>(text, file);
}

std::vector<EpochResult> parse_history(const std::string& jsonl, const std::string& file) {
  std::istringstream lines(jsonl);
  std::vector<EpochResult> history;
  std::string line;
  while (std::getline(lines, line) && !lines.eof()) {  // a line without a line feed was cut short
    const std::string where = fmt::format("{}: line {}", file, history.size() + 1);
    const std::int64_t before = history.empty() ? 0 : history.back().epoch;
    history.push_back(parsed<EpochResult>(line, where));
    if (history.back().epoch <= before) {
      fail(ErrorKind::kModel, "{}: expected an epoch after {}, found {}", where, before,
           history.back().epoch);
    }
  }
  return history;
}

std::string to_csv(const std::vector<TestPrediction>& predictions) {
  std::string csv = std::string(kCsvHeader) + "\n";
  for (std::size_t i = 0; i < predictions.size(); ++i) csv += csv_line(i, predictions[i]) + "\n";
  return csv;
}

std::vector<TestPrediction> parse_predictions(const std::string& csv, const std::string& file) {
  std::istringstream lines(csv);
  std::string line;
  if (!std::getline(lines, line) || line != kCsvHeader) {
    fail(ErrorKind::kModel, "{}: line 1: expected {}", file, kCsvHeader);
  }
  std::vector<TestPrediction> predictions;
  while (std::getline(lines, line)) {
    TestPrediction read{};
    std::size_t position = 0;
    char comma = 0;
    std::istringstream(line) >> position >> comma >> read.label >> comma >> read.predicted >>
        comma >> read.probability;
    // Written again, it must be the same: this checks the form, the position, and that it is whole.
    if (lines.eof() || csv_line(predictions.size(), read) != line || !is_valid(read)) {
      fail(ErrorKind::kModel, "{}: line {}: expected the prediction for image {}", file,
           predictions.size() + 2, predictions.size());
    }
    predictions.push_back(read);
  }
  return predictions;
}

}  // namespace mnist
