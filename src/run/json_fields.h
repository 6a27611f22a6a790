#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace mnist {

/// Writes or reads the members of a JSON object, so that a record lists them once, in a function
/// `void fields(JsonFields& json, Record& record)`. A value that is read is checked: see
/// is_valid(). All functions throw Error(kModel), which names the member and what was found.
class JsonFields {
 public:
  using Json = nlohmann::ordered_json;

  /// Writes into `json`.
  explicit JsonFields(Json& json) : json_(json), is_writing_(true) { json = Json::object(); }

  /// Reads from `json`, whose name in messages is `where`.
  JsonFields(Json& json, std::string where);

  bool is_writing() const { return is_writing_; }
  Json& json() { return json_; }

  template <typename Value>
  void member(const char* key, Value& value) {
    if constexpr (requires(JsonFields & json) { fields(json, value); }) {
      object(key, [&](JsonFields& json) { fields(json, value); });
    } else if (is_writing_) {
      json_[key] = value;
    } else {
      check(key, is_valid(at(key), value));
      value = at(key).get<Value>();
    }
  }
  void member(const char* key, double& value);  ///< null if it is not finite

  /// A member that is left out if there is no value.
  template <typename Value>
  void optional(const char* key, std::optional<Value>& value) {
    if (is_writing_ ? !value : !json_.contains(key)) return;
    member(key, is_writing_ ? *value : value.emplace());
  }

  /// A member that is null if there is no value.
  template <typename Value>
  void nullable(const char* key, std::optional<Value>& value) {
    if (is_writing_) json_[key] = nullptr;
    if (is_writing_ ? !value : at(key).is_null()) return;
    member(key, is_writing_ ? *value : value.emplace());
  }

  /// A member that is an object, whose members the function `members` lists.
  template <typename Members>
  void object(const char* key, const Members& members) {
    JsonFields object =
        is_writing_ ? JsonFields(json_[key]) : JsonFields(at(key), where_ + ": " + key);
    members(object);
  }

  /// When reading: the member of this name, and an error if `is_valid` is false.
  Json& at(const char* key);
  void check(const char* key, bool is_valid);

 private:
  static bool is_valid(const Json& json, const std::string&) { return json.is_string(); }
  static bool is_valid(const Json& json, std::int64_t);  ///< from 0 to 10^12
  template <typename Item, std::size_t kSize>
  static bool is_valid(const Json& json, const std::array<Item, kSize>& items) {
    return json.is_array() && json.size() == kSize &&
           std::all_of(json.begin(), json.end(),
                       [&](const Json& item) { return is_valid(item, items.front()); });
  }

  Json& json_;
  std::string where_;
  bool is_writing_ = false;
};

/// Parses the text of a file, whose name in messages is `where`. Throws Error(kModel).
JsonFields::Json parse_json(const std::string& text, const std::string& where);

}  // namespace mnist
