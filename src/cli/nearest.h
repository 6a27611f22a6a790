#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mnist {

/// The candidate that `word` was most likely meant to be, dashes and capitals aside: one that it
/// begins with or that begins with it, or else the one fewest edits away. None if all are too
/// different.
std::optional<std::string> nearest(const std::string& word,
                                   const std::vector<std::string>& candidates);

}  // namespace mnist
