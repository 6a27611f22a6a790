#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace mnist {

/// Parses a text; `where` is its name in messages, such as that of a file. Throws Error(kModel)
/// unless it is JSON. Whatever is nested deeper than eight levels, which none of our files is, is
/// left out, so that it cannot exhaust the stack.
nlohmann::ordered_json parse_json(const std::string& text, const std::string& where);

/// A JSON object of a run's file, whose members are read with their types checked. All functions
/// but has() and is_null() throw Error(kModel), which says where the member is, what was expected
/// there and what was found. The JSON must outlive this.
class JsonObject {
 public:
  JsonObject(const nlohmann::ordered_json& json, std::string where);

  bool has(const char* key) const { return json_.contains(key); }
  bool is_null(const char* key) const { return member(key).is_null(); }

  const nlohmann::ordered_json& member(const char* key) const;
  JsonObject object(const char* key) const;
  std::string text(const char* key) const;
  std::int64_t count(const char* key) const;  ///< from 0 to 10^12
  double number(const char* key) const;       ///< not negative
  double share(const char* key) const;        ///< from 0 to 1
  double loss(const char* key) const;         ///< not negative; null, for one not finite, is NaN

  /// The same for a value that is not a member itself but, for example, in a list that is.
  std::int64_t count(const nlohmann::ordered_json& value, const char* key) const;

  [[noreturn]] void refuse(const char* key, const std::string& expected,
                           const nlohmann::ordered_json& found) const;

 private:
  const nlohmann::ordered_json& json_;
  std::string where_;
};

/// Throws the Error(kModel) of a file of a run that holds something else than was expected.
[[noreturn]] void refuse_run_file(const std::string& where, const std::string& expected,
                                  const std::string& found);

}  // namespace mnist
