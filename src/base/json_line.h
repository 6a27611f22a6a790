#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mnist {

/// JSON on one line. Bytes of a path that are not UTF-8, which JSON cannot have, are replaced.
template <typename Json>
std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mnist
