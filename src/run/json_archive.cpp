#include "run/json_archive.h"

#include <limits>
#include <utility>

#include "base/json_line.h"
#include "mnist_train/error.h"

namespace mnist {
namespace {

using Json = nlohmann::ordered_json;

/// For a message: on one line, and not too long for it.
std::string excerpt(const Json& json) {
  constexpr std::size_t kLongest = 40;
  const std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

}  // namespace

void refuse_run_file(const std::string& where, const std::string& expected,
                     const std::string& found) {
  fail(ExitCode::kModel, "{}: expected {}, found {}", where, expected, found);
}

Json parse_json(const std::string& text, const std::string& where) {
  constexpr int kDeepest = 8;
  try {
    return Json::parse(text, [](int depth, auto, auto&) { return depth < kDeepest; });
  } catch (const Json::exception&) {
    refuse_run_file(where, "JSON", text.empty() ? "nothing" : "something else, or a part of it");
  }
}

void JsonWriter::member(const char* key, const std::vector<Setting>& settings) {
  json_[key] = Json::object();
  for (const Setting& setting : settings) json_[key][setting.name] = Json::parse(setting.value);
}

JsonReader::JsonReader(const Json& json, std::string where)
    : json_(json), where_(std::move(where)) {
  if (!json_.is_object()) refuse_run_file(where_, "an object", excerpt(json_));
}

void JsonReader::constant(const char* key, const std::string& expected) const {
  if (at(key) != expected) refuse(key, '"' + expected + '"', at(key));
}

void JsonReader::member(const char* key, std::string& value) const {
  if (!at(key).is_string()) refuse(key, "a string", at(key));
  value = at(key).get<std::string>();
}

void JsonReader::member(const char* key, std::int64_t& value) const { value = count(key, at(key)); }

void JsonReader::member(const char* key, double& value) const {
  const Json& found = at(key);
  if (!found.is_null() && (!found.is_number() || found.get<double>() < 0)) {
    refuse(key, "a number from 0", found);
  }
  value = found.is_null() ? std::numeric_limits<double>::quiet_NaN() : found.get<double>();
}

void JsonReader::member(const char* key, ConfusionMatrix& value) const {
  constexpr const char* kShape = "10 rows of 10 counts";
  const Json& rows = at(key);
  if (!rows.is_array() || rows.size() != kDigits) refuse(key, kShape, rows);
  for (std::size_t truth = 0; truth < kDigits; ++truth) {
    const Json& row = rows[truth];
    if (!row.is_array() || row.size() != kDigits) refuse(key, kShape, row);
    for (std::size_t predicted = 0; predicted < kDigits; ++predicted) {
      value.counts.at(truth).at(predicted) = count(key, row[predicted]);
    }
  }
}

void JsonReader::member(const char* key, std::vector<Setting>& settings) const {
  if (!at(key).is_object()) refuse(key, "an object", at(key));
  for (const auto& item : at(key).items())
    settings.push_back({item.key(), json_line(item.value())});
}

const Json& JsonReader::at(const char* key) const {
  const auto found = json_.find(key);
  if (found == json_.end()) refuse_run_file(where_, fmt::format("a member '{}'", key), "none");
  return *found;
}

std::int64_t JsonReader::count(const char* key, const Json& value) const {
  constexpr std::int64_t kLargest = 1'000'000'000'000;  // so that sums do not overflow
  const bool in_range = value.is_number_unsigned()
                            ? value.get<std::uint64_t>() <= std::uint64_t{kLargest}
                            : value.is_number_integer() && value.get<std::int64_t>() >= 0;
  if (!in_range) refuse(key, "a count from 0 to 10^12", value);
  return value.get<std::int64_t>();
}

void JsonReader::refuse(const char* key, const std::string& expected, const Json& found) const {
  refuse_run_file(where_ + ": " + key, expected, excerpt(found));
}

}  // namespace mnist
