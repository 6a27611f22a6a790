#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mnist_train/error.h"

namespace mnist {

// Errors of use, which the command line and config files have in common.

/// Throws Error(kUsage) with a message made as by fmt::format(), and the hint where to read more.
template <typename... Values>
[[noreturn]] void fail_usage(fmt::format_string<Values...> format, Values&&... values) {
  fail(ExitCode::kUsage, "{}; see: mnist-train --help",
       fmt::format(format, std::forward<Values>(values)...));
}

/// Throws Error(kUsage) about an option that `app` does not have, and names the one that was
/// probably meant, or says why there is none, where other trainers have such an option. `where` the
/// option stands comes first: "--config: ", or nothing.
[[noreturn]] void fail_at_option(const CLI::App& app, const std::string& name,
                                 const std::string& where);

/// Throws Error(kUsage) about an argument that is neither an option nor a command of `app`.
[[noreturn]] void fail_at_argument(const CLI::App& app, const std::string& argument);

/// The candidate that `word` was most likely meant to be, dashes and capitals aside: the one fewest
/// edits away (V. I. Levenshtein's distance, with F. J. Damerau's swaps), one that it begins with,
/// or else the only one that begins with it. None if all are too different to be helpful.
std::optional<std::string> nearest(const std::string& word,
                                   const std::vector<std::string>& candidates);

/// --weight_decay=0.1 becomes --weight-decay=0.1: sweep tools write the names of options like
/// variables. Throws Error(kUsage) if nothing follows the =.
std::string with_dashes(std::string argument);

}  // namespace mnist
