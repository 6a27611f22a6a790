#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mnist {

/// JSON on one line. Bytes that are not UTF-8, which a path may have but JSON cannot, are replaced.
template <typename Json>
std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mnist
