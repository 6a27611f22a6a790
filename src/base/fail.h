#pragma once

#include <fmt/format.h>

#include <utility>

#include "mnist_train/error.h"

namespace mnist {

/// Throws an Error whose message is made as by fmt::format(): fail(ErrorKind::kData, "{}: expected
/// {} labels, found {}", file, 10, 9).
template <typename... Values>
[[noreturn]] void fail(ErrorKind kind, fmt::format_string<Values...> format, Values&&... values) {
  throw Error(kind, fmt::format(format, std::forward<Values>(values)...));
}

}  // namespace mnist
