#pragma once

#include <iterator>
#include <sstream>

#include "cli/cli.h"
#include "support.h"

namespace mnist {

/// The command line of these arguments to the program.
inline CommandLine parse(const std::vector<std::string>& arguments) {
  return parse_command_line(arguments);
}

/// The words of a text.
inline std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

/// The message, of one line, with which they are refused.
inline std::string error_of(const std::vector<std::string>& arguments) {
  SCOPED_TRACE(arguments.front());
  return test::error_of(ErrorKind::kUsage, [&] { parse(arguments); });
}

}  // namespace mnist
