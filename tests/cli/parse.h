#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/cli.h"
#include "mnist_train/error.h"

namespace mnist {

/// The command line of these arguments to the program.
inline CommandLine parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "mnist-train");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

/// The message, of one line, with which they are refused.
inline std::string error_of(const std::vector<const char*>& arguments) {
  try {
    parse(arguments);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "accepted " << arguments.front();
  return "";
}

}  // namespace mnist
