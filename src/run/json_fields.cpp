#include "run/json_fields.h"

#include <limits>
#include <utility>

#include "base/fail.h"

namespace mnist {
namespace {

/// For a message: on one line, and not too long for it.
std::string excerpt(const JsonFields::Json& json) {
  constexpr std::size_t kLongest = 40;
  if (json.is_structured()) return json.type_name();
  return json.dump(-1, ' ', true, JsonFields::Json::error_handler_t::replace).substr(0, kLongest);
}

}  // namespace

JsonFields::Json parse_json(const std::string& text, const std::string& where) {
  JsonFields::Json json = JsonFields::Json::parse(text, nullptr, false);
  if (json.is_discarded()) fail(ErrorKind::kModel, "{}: not JSON", where);
  return json;
}

JsonFields::JsonFields(Json& json, std::string where) : json_(json), where_(std::move(where)) {
  if (json.is_object()) return;
  fail(ErrorKind::kModel, "{}: expected an object, found {}", where_, excerpt(json));
}

void JsonFields::member(const char* key, double& value) {
  if (is_writing_) {
    json_[key] = value;
  } else if (at(key).is_null()) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    check(key, at(key).is_number() && at(key).get<double>() >= 0);
    value = at(key).get<double>();
  }
}

JsonFields::Json& JsonFields::at(const char* key) {
  const auto found = json_.find(key);
  if (found == json_.end()) fail(ErrorKind::kModel, "{}: expected a member '{}'", where_, key);
  return *found;
}

void JsonFields::check(const char* key, bool is_valid) {
  if (!is_valid) fail(ErrorKind::kModel, "{}: {}: unexpected {}", where_, key, excerpt(at(key)));
}

bool JsonFields::is_valid(const Json& json, std::int64_t) {
  constexpr std::int64_t kLargest = 1'000'000'000'000;  // so that sums do not overflow
  if (!json.is_number_integer()) return false;
  const auto value = json.get<std::int64_t>();
  return 0 <= value && value <= kLargest;
}

}  // namespace mnist
