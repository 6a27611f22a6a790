#include "run/json_object.h"

#include <limits>
#include <utility>

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
  fail(ExitCode::kModel,
       "{}: expected {}, found {}; repeat the run with --overwrite, or leave it out", where,
       expected, found);
}

Json parse_json(const std::string& text, const std::string& where) {
  constexpr int kDeepest = 8;
  try {
    return Json::parse(text, [](int depth, auto, auto&) { return depth < kDeepest; });
  } catch (const Json::exception&) {
    refuse_run_file(where, "JSON", text.empty() ? "nothing" : "something else, or a part of it");
  }
}

JsonObject::JsonObject(const Json& json, std::string where)
    : json_(json), where_(std::move(where)) {
  if (!json_.is_object()) refuse_run_file(where_, "an object", excerpt(json_));
}

const Json& JsonObject::member(const char* key) const {
  const auto found = json_.find(key);
  if (found == json_.end()) refuse_run_file(where_, fmt::format("a member '{}'", key), "none");
  return *found;
}

JsonObject JsonObject::object(const char* key) const { return {member(key), where_ + ": " + key}; }

std::string JsonObject::text(const char* key) const {
  const Json& value = member(key);
  if (!value.is_string()) refuse(key, "a text", value);
  return value.get<std::string>();
}

std::int64_t JsonObject::count(const char* key) const { return count(member(key), key); }

std::int64_t JsonObject::count(const Json& value, const char* key) const {
  constexpr std::int64_t kLargest = 1'000'000'000'000;
  const bool in_range = value.is_number_unsigned()
                            ? value.get<std::uint64_t>() <= std::uint64_t{kLargest}
                            : value.is_number_integer() && value.get<std::int64_t>() >= 0;
  if (!in_range) refuse(key, "a count from 0 to 10^12", value);
  return value.get<std::int64_t>();
}

double JsonObject::number(const char* key) const {
  const Json& value = member(key);
  if (!value.is_number() || value.get<double>() < 0) refuse(key, "a number from 0", value);
  return value.get<double>();
}

double JsonObject::share(const char* key) const {
  const double value = number(key);
  if (value > 1) refuse(key, "a number from 0 to 1", member(key));
  return value;
}

double JsonObject::loss(const char* key) const {
  return is_null(key) ? std::numeric_limits<double>::quiet_NaN() : number(key);
}

void JsonObject::refuse(const char* key, const std::string& expected, const Json& found) const {
  refuse_run_file(where_ + ": " + key, expected, excerpt(found));
}

}  // namespace mnist
