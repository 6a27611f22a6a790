#pragma once

#include <concepts>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/settings.h"
#include "mnist_train/metrics.h"

namespace mnist {

// A record lists its members once, in a function template `fields(json, record)`: a JsonWriter
// writes them in this order, a JsonReader reads and checks them.

/// A Record, const when it is written.
template <typename T, typename Record>
concept like = std::same_as<std::remove_const_t<T>, Record>;

class JsonWriter {
 public:
  using Json = nlohmann::ordered_json;

  /// A member that has always this value.
  void constant(const char* key, const std::string& value) { json_[key] = value; }

  void member(const char* key, const std::string& value) { json_[key] = value; }
  void member(const char* key, std::int64_t value) { json_[key] = value; }
  void member(const char* key, double value) { json_[key] = value; }  ///< null if it is not finite
  void member(const char* key, const ConfusionMatrix& value) { json_[key] = value.counts; }
  void member(const char* key, const std::vector<Setting>& settings);
  template <typename Record>
  void member(const char* key, const Record& record) {
    object(key, [&](JsonWriter& json) { fields(json, record); });
  }

  /// A member that is left out if there is no value.
  template <typename Value>
  void optional(const char* key, const std::optional<Value>& value) {
    if (value) member(key, *value);
  }

  /// A member that is null if there is no value.
  template <typename Value>
  void nullable(const char* key, const std::optional<Value>& value) {
    json_[key] = nullptr;
    optional(key, value);
  }

  template <typename Members>
  void object(const char* key, const Members& write_members) {
    JsonWriter object;
    write_members(object);
    json_[key] = object.json_;
  }

  Json& json() { return json_; }

 private:
  Json json_ = Json::object();
};

/// The same for reading. All functions throw Error(kModel), which says where the member is, what
/// was expected there and what was found.
class JsonReader {
 public:
  using Json = nlohmann::ordered_json;

  /// `where` is the name of `json` in messages, and `json` must outlive this.
  JsonReader(const Json& json, std::string where);

  void constant(const char* key, const std::string& expected) const;

  void member(const char* key, std::string& value) const;
  void member(const char* key, std::int64_t& value) const;  ///< from 0 to 10^12
  void member(const char* key, double& value) const;        ///< not negative; null is NaN
  void member(const char* key, ConfusionMatrix& value) const;
  void member(const char* key, std::vector<Setting>& settings) const;
  template <typename Record>
  void member(const char* key, Record& record) const {
    object(key, [&](const JsonReader& json) { fields(json, record); });
  }

  template <typename Value>
  void optional(const char* key, std::optional<Value>& value) const {
    if (json_.contains(key)) member(key, value.emplace());
  }

  template <typename Value>
  void nullable(const char* key, std::optional<Value>& value) const {
    if (!at(key).is_null()) member(key, value.emplace());
  }

  template <typename Members>
  void object(const char* key, const Members& read_members) const {
    const JsonReader object(at(key), where_ + ": " + key);
    read_members(object);
  }

 private:
  const Json& at(const char* key) const;
  std::int64_t count(const char* key, const Json& value) const;
  [[noreturn]] void refuse(const char* key, const std::string& expected, const Json& found) const;

  const Json& json_;
  std::string where_;
};

/// Parses a text; `where` is its name in messages. Throws Error(kModel) unless it is JSON. Whatever
/// is nested deeper than eight levels, as none of our files is, is left out, so that it cannot
/// exhaust the stack.
nlohmann::ordered_json parse_json(const std::string& text, const std::string& where);

/// Throws the Error(kModel) of a run's file that holds something else than was expected.
[[noreturn]] void refuse_run_file(const std::string& where, const std::string& expected,
                                  const std::string& found);

}  // namespace mnist
