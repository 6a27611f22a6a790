#include "run/stored_run.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/read_file.h"
#include "mnist_train/error.h"
#include "run/run_directory.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kLargestCount = 1'000'000'000'000;

[[noreturn]] void fail(const std::string& where, const std::string& expected,
                       const std::string& found) {
  throw Error(ExitCode::kModel, where + ": expected " + expected + ", found " + found +
                                    "; repeat the run with --overwrite, or leave it out");
}

/// For a message: on one line, and not too long for it.
std::string excerpt(const Json& json) {
  constexpr std::size_t kLongest = 40;
  const std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

/// A part of a file whose members are taken out with their types checked.
class Part {
 public:
  Part(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json_.is_object()) fail(where_, "an object", excerpt(json_));
  }

  bool has(const char* key) const { return json_.contains(key); }
  bool is_null(const char* key) const { return member(key).is_null(); }
  Part part(const char* key) const { return {member(key), where_ + ": " + key}; }

  const Json& member(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) fail(where_, std::string("a member '") + key + "'", "none");
    return *found;
  }

  std::string text(const char* key) const {
    const Json& value = member(key);
    if (!value.is_string()) fail_at(key, "a text", value);
    return value.get<std::string>();
  }

  std::int64_t count(const char* key) const { return count(member(key), key); }

  std::int64_t count(const Json& value, const char* key) const {
    const bool in_range = value.is_number_unsigned()
                              ? value.get<std::uint64_t>() <= std::uint64_t{kLargestCount}
                              : value.is_number_integer() && value.get<std::int64_t>() >= 0;
    if (!in_range) fail_at(key, "a count from 0 to 10^12", value);
    return value.get<std::int64_t>();
  }

  /// A number that is not negative.
  double number(const char* key) const {
    const Json& value = member(key);
    if (!value.is_number() || value.get<double>() < 0) fail_at(key, "a number from 0", value);
    return value.get<double>();
  }

  /// JSON has no number that is not finite: the writer puts null.
  double loss(const char* key) const {
    return is_null(key) ? std::numeric_limits<double>::quiet_NaN() : number(key);
  }

  double share(const char* key) const {
    const double value = number(key);
    if (value > 1) fail_at(key, "a number from 0 to 1", member(key));
    return value;
  }

  [[noreturn]] void fail_at(const char* key, const std::string& expected, const Json& found) const {
    fail(where_ + ": " + key, expected, excerpt(found));
  }

 private:
  const Json& json_;
  std::string where_;
};

std::string read_text(const fs::path& file) {
  FileContents contents = read_file(file);
  if (!contents.problem.empty()) {
    fail(full_name(file), "a file of a finished run", contents.problem);
  }
  return std::move(contents.bytes);
}

/// What is nested deeper than anything that we write is left out, before recursion over it could
/// exhaust the stack.
Json parse(const std::string& text, const std::string& where) {
  constexpr int kDeepest = 8;
  try {
    return Json::parse(text, [](int depth, auto, auto&) { return depth < kDeepest; });
  } catch (const Json::exception&) {
    fail(where, "JSON", text.empty() ? "nothing" : "something else, or a part of it");
  }
}

std::optional<Evaluation> read_evaluation(const Part& result, const char* key) {
  if (result.is_null(key)) return std::nullopt;
  const Part part = result.part(key);
  Evaluation evaluation{part.loss("loss"), {}};
  const Json& rows = part.member("confusion");
  constexpr const char* kShape = "10 rows of 10 counts";
  if (!rows.is_array() || rows.size() != kDigits) part.fail_at("confusion", kShape, rows);
  for (std::size_t truth = 0; truth < kDigits; ++truth) {
    const Json& row = rows[truth];
    if (!row.is_array() || row.size() != kDigits) part.fail_at("confusion", kShape, row);
    for (std::size_t guess = 0; guess < kDigits; ++guess) {
      evaluation.confusion.counts.at(truth).at(guess) = part.count(row[guess], "confusion");
    }
  }
  return evaluation;
}

std::vector<Setting> read_config(const Part& result) {
  const Json& config = result.member("config");
  if (!config.is_object()) result.fail_at("config", "an object", config);
  std::vector<Setting> settings;
  for (const auto& item : config.items()) {
    const Json& value = item.value();
    settings.push_back({item.key(), value.is_string() ? value.get<std::string>() : value.dump()});
  }
  return settings;
}

StoredRun parse_result(const std::string& text, const std::string& file) {
  const Json json = parse(text, file);
  const Part result(json, file);
  if (result.text("schema") != kResultSchema) {
    result.fail_at("schema", std::string("\"") + kResultSchema + "\"", json["schema"]);
  }
  StoredRun run{};
  run.status = result.text("status");
  run.stopped_by = result.text("stopped_by");
  run.config = read_config(result);
  const Part data = result.part("data");
  run.data_dir = data.text("dir");
  run.train_images = data.count("train");
  run.validation_images = data.count("validation");
  run.test_images = data.count("test");
  run.epochs = result.count("epochs");
  if (!result.is_null("chosen")) {
    const Part chosen = result.part("chosen");
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

StoredEpoch read_epoch(const Json& json, const std::string& where) {
  const Part line(json, where);
  StoredEpoch epoch{line.count("epoch"),    line.loss("train_loss"),         {}, {},
                    line.number("seconds"), line.number("images_per_second")};
  if (line.has("validation_loss")) epoch.validation_loss = line.loss("validation_loss");
  if (line.has("validation_accuracy")) {
    epoch.validation_accuracy = line.share("validation_accuracy");
  }
  return epoch;
}

std::vector<StoredEpoch> parse_history(const std::string& text, const std::string& file) {
  std::istringstream lines(text);
  std::vector<StoredEpoch> history;
  std::string line;
  while (std::getline(lines, line)) {
    if (lines.eof()) break;  // no line feed: it was cut short
    const std::string where = file + ": line " + std::to_string(history.size() + 1);
    history.push_back(read_epoch(parse(line, where), where));
    const std::int64_t before = history.size() < 2 ? 0 : history[history.size() - 2].epoch;
    if (history.back().epoch <= before) {
      fail(where, "an epoch after " + std::to_string(before), std::to_string(history.back().epoch));
    }
  }
  return history;
}

}  // namespace

StoredRun read_run(const fs::path& dir) {
  std::error_code ignored;
  const bool has_metrics = fs::exists(dir / kMetricsFile, ignored);
  return parse_run(dir, read_text(dir / kResultFile),
                   has_metrics ? read_text(dir / kMetricsFile) : "");
}

StoredRun parse_run(const fs::path& dir, const std::string& result, const std::string& metrics) {
  StoredRun run = parse_result(result, (dir / kResultFile).string());
  run.history = parse_history(metrics, (dir / kMetricsFile).string());
  run.dir = fs::absolute(dir / "").lexically_normal().parent_path();
  run.name = run.dir.filename().string();
  return run;
}

}  // namespace mnist
