#include "run/record.h"

#include <fmt/format.h>
#include <torch/version.h>

#include <sstream>

#include "base/json_line.h"
#include "run/json_archive.h"

namespace mnist {
namespace {

/// The accuracy of `correct` in `total` images, with its interval.
void write_score(JsonWriter& json, std::int64_t correct, std::int64_t total) {
  const Interval interval = wilson_interval(correct, total);
  json.member("accuracy", accuracy(correct, total));
  json.member("correct", correct);
  json.member("total", total);
  json.json()["ci95"] = {interval.low, interval.high};
}

/// What follows from the counts, so that it need not be read.
void write_scores(JsonWriter& json, const ConfusionMatrix& confusion) {
  write_score(json, confusion.correct(), confusion.total());
  for (std::int64_t digit = 0; digit < kDigits; ++digit) {
    JsonWriter row;
    row.member("digit", digit);
    write_score(row, confusion.correct(digit), confusion.total(digit));
    json.json()["per_digit"].push_back(row.json());
  }
}

}  // namespace

template <typename Archive>
void fields(Archive& json, like<Evaluation> auto& evaluation) {
  json.member("loss", evaluation.loss);
  if constexpr (std::is_same_v<Archive, JsonWriter>) write_scores(json, evaluation.confusion);
  json.member("confusion", evaluation.confusion);
}

template <typename Archive>
void fields(Archive& json, like<ChosenEpoch> auto& chosen) {
  json.member("epoch", chosen.epoch);
  json.member("by", chosen.by);
}

template <typename Archive>
void fields(Archive& json, like<RunRecord> auto& run) {
  json.constant("schema", "mnist-train/1");
  json.member("status", run.status);
  json.member("stopped_by", run.stopped_by);
  json.member("config", run.config);
  json.object("data", [&](auto& data) {
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

template <typename Archive>
void fields(Archive& json, like<EpochResult> auto& epoch) {
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
  const auto value = nlohmann::ordered_json::parse(setting.value, nullptr, false);
  if (value.is_discarded()) return setting.value;
  return value.is_string() ? value.get<std::string>() : json_line(value);
}

std::string to_json(const RunRecord& run) {
  JsonWriter json;
  fields(json, run);
  return json_line(json.json());
}

std::string to_json(const EpochResult& epoch) {
  JsonWriter json;
  fields(json, epoch);
  return json_line(json.json());
}

std::string to_json(const Evaluation& evaluation, const std::string& model,
                    const std::string& data_dir) {
  JsonWriter json;
  json.constant("schema", "mnist-train-eval/1");
  json.member("model", model);
  json.object("data", [&](JsonWriter& data) {
    data.member("dir", data_dir);
    data.member("test", evaluation.confusion.total());
  });
  json.member("test", evaluation);
  json.constant("version", MNIST_TRAIN_VERSION);
  json.constant("libtorch", TORCH_VERSION);
  return json_line(json.json());
}

RunRecord parse_result(const std::string& text, const std::string& file) {
  RunRecord run;
  const auto json = parse_json(text, file);
  const JsonReader reader(json, file);
  fields(reader, run);
  return run;
}

std::vector<EpochResult> parse_history(const std::string& jsonl, const std::string& file) {
  std::istringstream lines(jsonl);
  std::vector<EpochResult> history;
  std::string line;
  while (std::getline(lines, line) && !lines.eof()) {  // a line without a line feed was cut short
    const std::string where = fmt::format("{}: line {}", file, history.size() + 1);
    const std::int64_t before = history.empty() ? 0 : history.back().epoch;
    const auto json = parse_json(line, where);
    const JsonReader reader(json, where);
    fields(reader, history.emplace_back());
    if (history.back().epoch <= before) {
      refuse_run_file(where, fmt::format("an epoch after {}", before),
                      std::to_string(history.back().epoch));
    }
  }
  return history;
}

}  // namespace mnist
