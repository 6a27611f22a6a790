#include "run/record.h"

#include <fmt/format.h>
#include <torch/version.h>

#include <array>
#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/fail.h"
#include "base/file.h"
#include "base/text.h"

namespace mnist {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "mnist-train/1";

// Each reads a value, and returns false if it is of another kind.
bool read(const Json& json, std::string& text) {
  if (json.is_string()) text = json.get<std::string>();
  return json.is_string();
}

bool read(const Json& json, double& number) {  // null if it is not finite
  number = json.is_number() ? json.get<double>() : std::numeric_limits<double>::quiet_NaN();
  return number >= 0 || json.is_null();
}

bool read(const Json& json, std::int64_t& count) {
  constexpr std::int64_t kLargest = 1'000'000'000'000;  // so that sums do not overflow
  count = json.is_number_integer() ? json.get<std::int64_t>() : -1;
  return 0 <= count && count <= kLargest;
}

template <typename Item, std::size_t kSize>
bool read(const Json& json, std::array<Item, kSize>& items) {
  bool is_valid = json.is_array() && json.size() == kSize;
  for (std::size_t i = 0; is_valid && i < kSize; ++i) is_valid = read(json[i], items[i]);
  return is_valid;
}

/// Writes or reads the members of a JSON object, so that a record lists them once, in a function
/// `void fields(Fields& json, Record& record)`. A member that is missing, or not as expected, is an
/// Error(kModel).
struct Fields {
  Json& json;
  bool is_writing;
  std::string where = {};  ///< the name of what is read, for messages

  template <typename Value>
  void member(const char* key, Value& value) {
    if constexpr (requires(Fields & members) { fields(members, value); }) {
      Fields members = object(key);
      fields(members, value);
    } else if (is_writing) {
      json[key] = value;
    } else if (!json.contains(key) || !read(json[key], value)) {
      refuse(key);
    }
  }

  /// A member that is left out if there is no value.
  template <typename Value>
  void optional(const char* key, std::optional<Value>& value) {
    const bool has_value = is_writing ? value.has_value() : json.contains(key);
    if (has_value) member(key, is_writing ? *value : value.emplace());
  }

  /// A member that is null if there is no value.
  template <typename Value>
  void nullable(const char* key, std::optional<Value>& value) {
    const bool is_null = json[key].is_null();  // also if it is new
    if (is_writing ? value.has_value() : !is_null) optional(key, value);
  }

  /// The members of a member that is an object.
  Fields object(const char* key) {
    if (is_writing) json[key] = Json::object();
    if (!json.contains(key) || !json[key].is_object()) refuse(key);
    return {json[key], is_writing, where + ": " + key};
  }

  [[noreturn]] void refuse(const char* key) const {
    fail(ErrorKind::kModel, "{}: key '{}' is missing or invalid", where, key);
  }
};

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

void fields(Fields& json, Evaluation& evaluation) {
  json.member("loss", evaluation.loss);
  if (json.is_writing) write_scores(json.json, evaluation.confusion);
  json.member("confusion", evaluation.confusion.counts);
}

void fields(Fields& json, std::vector<Setting>& config) {
  if (json.is_writing) {
    for (const Setting& one : config) json.json[one.name] = Json::parse(one.value);
  } else {
    for (const auto& [name, value] : json.json.items()) config.push_back({name, json_line(value)});
  }
}

void fields(Fields& json, ChosenEpoch& chosen) {
  json.member("epoch", chosen.epoch);
  json.member("by", chosen.by);
}

void fields(Fields& json, RunRecord& run) {
  std::string schema = kSchema;
  json.member("schema", schema);
  if (schema != kSchema) json.refuse("schema");
  json.member("status", run.status);
  json.member("stopped_by", run.stopped_by);
  json.member("config", run.config);
  json.optional("recipe", run.recipe);
  Fields data = json.object("data");
  data.member("dir", run.data_dir);
  data.member("train", run.train_images);
  data.member("validation", run.validation_images);
  data.member("test", run.test_images);
  data.optional("test_fingerprint", run.test_fingerprint);
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

void fields(Fields& json, EpochResult& epoch) {
  json.member("epoch", epoch.epoch);
  json.member("train_loss", epoch.train_loss);
  json.member("seconds", epoch.seconds);
  json.member("images_per_second", epoch.images_per_second);
  json.optional("validation_loss", epoch.validation_loss);
  json.optional("validation_accuracy", epoch.validation_accuracy);
  json.optional("lr", epoch.lr);
}

template <typename Record>
Json written(Record record) {
  Json json;
  Fields writer{json, true};
  fields(writer, record);
  return json;
}

template <typename Record>
Record parsed(const std::string& text, const std::string& where) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) fail(ErrorKind::kModel, "{}: not JSON", where);
  Fields reader{json, false, where};
  Record record{};
  fields(reader, record);
  return record;
}

}  // namespace

const char* stop_name(Stop stop) {
  constexpr std::array kNames{"epochs", "patience", "max-time", "signal", "divergence"};
  return kNames.at(static_cast<std::size_t>(stop));  // in the order of the enumeration
}

std::string plain_value(const Setting& setting) {
  const Json value = Json::parse(setting.value, nullptr, false);
  if (value.is_discarded()) return setting.value;
  return value.is_string() ? value.get<std::string>() : json_line(value);
}

std::string to_toml(const std::vector<Setting>& config) {
  std::string lines;
  for (const Setting& setting : config) lines += setting.name + " = " + setting.value + "\n";
  return lines;
}

std::string to_json(const RunRecord& run) { return json_line(written(run)); }

std::string to_json(const EpochResult& epoch) { return json_line(written(epoch)); }

std::string to_json(const Evaluation& evaluation, const std::string& model,
                    const std::string& data_dir) {
  return json_line(Json{{"schema", "mnist-train-eval/1"},
                        {"model", model},
                        {"data", {{"dir", data_dir}, {"test", evaluation.confusion.total()}}},
                        {"test", written(evaluation)},
                        {"version", MNIST_TRAIN_VERSION},
                        {"libtorch", TORCH_VERSION}});
}

RunRecord read_result(const std::filesystem::path& file) {
  return parsed<RunRecord>(read_file(file, ErrorKind::kModel), file.string());
}

std::vector<EpochResult> read_history(const std::filesystem::path& dir) {
  const std::filesystem::path file = dir / kMetricsFile;
  if (!is_there(file)) return {};
  std::istringstream lines(read_file(file, ErrorKind::kModel));
  std::vector<EpochResult> history;
  std::string line;
  while (std::getline(lines, line) && !lines.eof()) {  // a line without a line feed was cut short
    const std::string where = fmt::format("{}: line {}", file.string(), history.size() + 1);
    history.push_back(parsed<EpochResult>(line, where));
  }
  return history;
}

}  // namespace mnist
